"""Every exception of the app in one place; each is defined beside the code that raises it."""

from personalization.engine.errors import InvalidInputError, PersonalizationError
from personalization.engine.rules.problem import InvalidRuleError, RuleProblem

__all__ = ["InvalidInputError", "InvalidRuleError", "PersonalizationError", "RuleProblem"]
