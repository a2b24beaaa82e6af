"""Eligibility before truncation: what may be shown, in order, with its cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import get_adapter
from personalization.engine.types import Reason, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.adapters import Page
    from personalization.engine.types import Card
    from personalization.serving.demand import Candidate
    from personalization.serving.item_rules import ItemRules

_NEWEST: Final = Reason(ReasonCode.NEWEST)
#: How many blocked items are reckoned with among the newest.
_MOST_BLOCKED: Final = 1000


class Shelf:
    """The eligible candidates of one answer, in order, with the cards that were fetched for it."""

    __slots__ = ("_count", "_now", "_page", "_rules", "_tried", "cards", "chosen")

    def __init__(self, page: Page, count: int, rules: ItemRules | None = None, now: int = 0) -> None:
        """``rules``: those of the slot, evaluated at ``now``."""
        self._page = page
        self._count = count
        self._rules = rules
        self._now = now
        self._tried: set[str] = set()
        self.cards: dict[str, Card] = {}
        self.chosen: list[Candidate] = []

    @property
    def language(self) -> str:
        """The language of the page."""
        return self._page.language

    @property
    def full(self) -> bool:
        return len(self.chosen) >= self._count

    def put(self, candidates: Mapping[str, Candidate]) -> None:
        """Keep the eligible ones, after one look at the cards of them all and of what their reasons name."""
        tried = self._tried
        fresh = {key: entry for key, entry in candidates.items() if key not in tried} if tried else candidates
        if not fresh:
            return
        tried.update(fresh)
        reasons = {id(entry[2]): entry[2] for entry in fresh.values()}  # many candidates share one
        named = dict.fromkeys([reason.evidence[0] for reason in reasons.values() if reason.evidence])
        cards, chosen, count = self.cards, self.chosen, self._count
        wanted = [*fresh, *[key for key in named if key not in fresh and key not in cards]]
        cards.update(get_adapter().cards(wanted, self._page))
        if self._rules is not None:
            fresh = self._rules.apply(fresh, cards, now=self._now)
        for key, entry in fresh.items():
            card = cards.get(key)
            if card is not None and card.eligible:
                chosen.append(entry)
                if len(chosen) >= count:
                    break

    def put_newest(self, blocked: frozenset[str]) -> None:
        """Whatever is for sale, newest first."""
        count = self._count + min(len(blocked), _MOST_BLOCKED) + len(self.chosen)
        if self._rules is not None:
            count += _MOST_BLOCKED  # so many of the newest may not be what the slot shows
        keys = get_adapter().newest_keys(count, self._page)
        self.put({key: (key, 0.0, _NEWEST) for key in keys if key not in blocked})
