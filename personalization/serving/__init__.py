"""Stage 3: answers. The read-only hot path: nothing here writes."""

from personalization.serving.advice import Advice, AdvisedItem, Alternative, Told, advise
from personalization.serving.answer import answer_dict, card_dict
from personalization.serving.cache_key import cache_key
from personalization.serving.first_choice import first_choice
from personalization.serving.holdout import HOLDOUT, Arm, arm_of
from personalization.serving.page_state import PageState, keys_shown, page_state
from personalization.serving.personal_page import is_personal, mark_personal
from personalization.serving.recommendation import known_as, recommend, recommend_json, recommend_newest
from personalization.serving.slots import MOST_ITEMS, Slot, SlotKind, get_slot
from personalization.serving.token import AnswerToken, read_token, sign_answer

__all__ = [
    "HOLDOUT",
    "MOST_ITEMS",
    "Advice",
    "AdvisedItem",
    "Alternative",
    "AnswerToken",
    "Arm",
    "PageState",
    "Slot",
    "SlotKind",
    "Told",
    "advise",
    "answer_dict",
    "arm_of",
    "cache_key",
    "card_dict",
    "first_choice",
    "get_slot",
    "is_personal",
    "keys_shown",
    "known_as",
    "mark_personal",
    "page_state",
    "read_token",
    "recommend",
    "recommend_json",
    "recommend_newest",
    "sign_answer",
]
