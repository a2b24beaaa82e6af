"""What a slot asks of its recommender, and what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from personalization.engine.types import Reason, ReasonCode

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.serving.page_state import PageState
    from personalization.serving.slots import Slot

#: How many of the visitor's own items a reason names.
EVIDENCE: Final = 3

#: An item that may be shown if the adapter finds it eligible: key, score, reason. Plain tuples: a request makes many.
Candidate: TypeAlias = tuple[str, float, Reason]


class Demand(NamedTuple):
    """For whom, from which seed items, without what, and how many candidates."""

    state: PageState
    slot: Slot
    seeds: tuple[str, ...]
    blocked: frozenset[str]
    limit: int
    request: HttpRequest | None = None


def popular_code(alias: str) -> ReasonCode:
    """Why an item of a recommender's common ranking is shown."""
    return ReasonCode.POPULAR_RECENT if alias == "popularity-recent" else ReasonCode.POPULAR
