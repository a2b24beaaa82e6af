"""What somebody wants of an item, and which items are so. numpy only: a request may use it."""

from personalization.engine.knowledge.reader import read_wish
from personalization.engine.knowledge.wish import (
    Better,
    Change,
    Critique,
    Operator,
    Preference,
    Requirement,
    Utility,
    Wish,
)

__all__ = [
    "Better",
    "Change",
    "Critique",
    "Operator",
    "Preference",
    "Requirement",
    "Utility",
    "Wish",
    "read_wish",
]
