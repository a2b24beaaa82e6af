"""The named places on a page, as the settings declare them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from django.core.signals import setting_changed

from personalization.conf import settings
from personalization.exceptions import InvalidInputError
from personalization.serving.item_rules import ItemRules, read_item_rules

#: An answer is never longer than this, whatever was asked for.
MOST_ITEMS: Final = 100


class SlotKind(StrEnum):
    """What a slot answers."""

    FOR_YOU = "for_you"
    SIMILAR = "similar"
    RECENTLY_VIEWED = "recently_viewed"
    POPULAR = "popular"
    BUY_AGAIN = "buy_again"
    CAMPAIGN = "campaign"


class Exclude(StrEnum):
    """Which of the visitor's own items a slot leaves out. Hidden items never come back, in any slot."""

    NONE = "none"
    PURCHASED = "purchased"
    SEEN = "seen"


_EXCLUDE: Final = {SlotKind.FOR_YOU: Exclude.PURCHASED}
_RECOMMENDER: Final = {
    SlotKind.FOR_YOU: "auto",
    SlotKind.SIMILAR: "item-cosine",
    SlotKind.RECENTLY_VIEWED: "",
    SlotKind.POPULAR: "popularity-recent",
    SlotKind.BUY_AGAIN: "repeat-purchase",
    SlotKind.CAMPAIGN: "",
}


_NEVER_FILLED: Final = (SlotKind.CAMPAIGN, SlotKind.BUY_AGAIN)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on a page. ``rules``: which items it may show, and in which order they come; ``fill``: whether the fallback ladder fills what the recommender leaves empty;
    ``lazy``: whether the browser fetches it after the page, which caches may then keep."""

    name: str
    kind: SlotKind
    recommender: str
    count: int
    exclude: Exclude
    fill: bool
    lazy: bool = False
    rules: ItemRules | None = None


@lru_cache(maxsize=256)
def get_slot(name: str) -> Slot:
    """The slot of a name. ``home.for_you`` is declared under its own name, or else takes after ``for_you``.

    Raises InvalidInputError naming ``slot``.
    """
    declared = settings.slots
    options = declared.get(name, declared.get(name.rpartition(".")[2]))
    if options is None:
        known = ", ".join(sorted(declared))
        raise InvalidInputError("slot", f"there is no slot {name!r}; known: {known}", code="unknown")
    return _slot(name, options)


def _slot(name: str, options: dict[str, Any]) -> Slot:
    try:
        kind = SlotKind(options.get("KIND", SlotKind.FOR_YOU))
        return Slot(
            name=name,
            kind=kind,
            recommender=options.get("RECOMMENDER", _RECOMMENDER[kind]),
            count=check_count(options.get("COUNT", 10)),
            exclude=Exclude(options.get("EXCLUDE", _EXCLUDE.get(kind, Exclude.NONE))),
            # A block of what somebody looked at would lie if it were filled up with anything else.
            fill=bool(options.get("FILL", kind != SlotKind.RECENTLY_VIEWED)) and kind not in _NEVER_FILLED,
            lazy=bool(options.get("LAZY", False)),
            rules=read_item_rules(options),
        )
    except (ValueError, TypeError) as error:
        raise InvalidInputError("slot", f"the settings of slot {name!r} are wrong: {error}") from error


def check_count(count: object) -> int:
    """A whole number of items from 1 to MOST_ITEMS.

    Raises InvalidInputError naming ``count``.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_ITEMS:
        raise InvalidInputError("count", f"expected a whole number from 1 to {MOST_ITEMS}, got {count!r}")
    return count


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        get_slot.cache_clear()


setting_changed.connect(_forget, dispatch_uid="personalization.slots")
