"""Stage 3: answers. The read-only hot path: nothing here writes."""

from personalization.serving.answer import answer_dict
from personalization.serving.recommendation import recommend, recommend_json, recommend_newest
from personalization.serving.slots import MOST_ITEMS, Slot, SlotKind, get_slot
from personalization.serving.token import AnswerToken, read_token

__all__ = [
    "MOST_ITEMS",
    "AnswerToken",
    "Slot",
    "SlotKind",
    "answer_dict",
    "get_slot",
    "read_token",
    "recommend",
    "recommend_json",
    "recommend_newest",
]
