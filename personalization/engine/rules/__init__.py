"""One rule language for slots, segments, campaigns and promotions."""

from personalization.engine.rules.aloud import read_aloud, read_condition
from personalization.engine.rules.doubts import Doubt, find_doubts
from personalization.engine.rules.facts import (
    AMOUNT_SCALE,
    Columns,
    Facts,
    FactType,
    Moments,
    Money,
    Moneys,
    Numbers,
    OpenTexts,
    OrderFact,
    Orders,
    Scope,
    Texts,
    as_amount,
)
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.index import RuleIndex
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.many import evaluate_columns
from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Node, Not, conditions
from personalization.engine.rules.problem import InvalidRuleError, RuleProblem
from personalization.engine.rules.reader import read_rule
from personalization.engine.rules.rule import Rule, asked_texts
from personalization.engine.rules.segments import find_cycle, rules_within
from personalization.engine.rules.truth import Truth
from personalization.engine.rules.verdict import Failure, Verdict, evaluate, matches
from personalization.engine.rules.vocabulary import Vocabulary, default_vocabulary

__all__ = [
    "AMOUNT_SCALE",
    "AllOf",
    "AnyOf",
    "Columns",
    "Condition",
    "Doubt",
    "Everyone",
    "FactType",
    "Facts",
    "Failure",
    "Field",
    "FieldType",
    "InvalidRuleError",
    "Kind",
    "Moments",
    "Money",
    "Moneys",
    "Node",
    "Not",
    "Numbers",
    "OpenTexts",
    "Operator",
    "OrderFact",
    "Orders",
    "Outcome",
    "Rule",
    "RuleIndex",
    "RuleProblem",
    "Scope",
    "Texts",
    "Truth",
    "Verdict",
    "Vocabulary",
    "as_amount",
    "asked_texts",
    "conditions",
    "default_vocabulary",
    "evaluate",
    "evaluate_columns",
    "find_cycle",
    "find_doubts",
    "matches",
    "read_aloud",
    "read_condition",
    "read_rule",
    "rules_within",
]
