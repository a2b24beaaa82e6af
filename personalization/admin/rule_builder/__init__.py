"""The rule builder: rules as rows of a form, with and without JavaScript."""

from personalization.admin.rule_builder.field import RuleField
from personalization.admin.rule_builder.use import RuleUse

__all__ = ["RuleField", "RuleUse"]
