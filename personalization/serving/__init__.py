"""Stage 3: answers. The read-only hot path: nothing here writes."""

from personalization.serving.answer import answer_dict
from personalization.serving.cache_key import cache_key
from personalization.serving.page_state import keys_shown
from personalization.serving.personal_page import is_personal, mark_personal
from personalization.serving.recommendation import recommend, recommend_json, recommend_newest
from personalization.serving.slots import MOST_ITEMS, Slot, SlotKind, get_slot
from personalization.serving.token import AnswerToken, read_token

__all__ = [
    "MOST_ITEMS",
    "AnswerToken",
    "Slot",
    "SlotKind",
    "answer_dict",
    "cache_key",
    "get_slot",
    "is_personal",
    "keys_shown",
    "mark_personal",
    "read_token",
    "recommend",
    "recommend_json",
    "recommend_newest",
]
