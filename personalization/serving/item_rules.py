"""What a slot's settings say of its items by rules: which may be shown at all, and which come sooner or later."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from personalization.conf import settings
from personalization.engine.rules import Facts, Rule, Scope, matches, read_rule
from personalization.exceptions import InvalidInputError
from personalization.registry import get_vocabulary
from personalization.store.item_facts import facts_of_cards

if TYPE_CHECKING:
    from personalization.engine.types import Card
    from personalization.serving.demand import Candidate

SCOPES: Final = frozenset({Scope.ITEM})
#: The most that a boost may multiply a score with.
MOST_TIMES: Final = 100
_BOOST: Final = {"WHEN", "TIMES"}


@dataclass(frozen=True, slots=True)
class Boost:
    """Items for which the rule holds have their score multiplied."""

    when: Rule
    times: float


@dataclass(frozen=True, slots=True)
class ItemRules:
    """``keep`` None: every item may be shown."""

    keep: Rule | None
    boosts: tuple[Boost, ...]

    def apply(
        self, candidates: Mapping[str, Candidate], cards: Mapping[str, Card], *, now: int
    ) -> dict[str, Candidate]:
        """The eligible candidates that may be shown, best first by their scores after the boosts; equals stay in order.

        What a card does not tell is unknown, and no rule about it holds.
        """
        eligible = {key: card for key in candidates if (card := cards.get(key)) is not None and card.eligible}
        zone, kept = settings.time_zone, []
        for key, values in facts_of_cards(eligible).items():
            facts = Facts(values, now, zone)
            if self.keep is None or matches(self.keep, facts):
                kept.append(self._boosted(candidates[key], facts))
        if self.boosts:
            kept.sort(key=lambda candidate: -candidate[1])
        return {candidate[0]: candidate for candidate in kept}

    def _boosted(self, candidate: Candidate, facts: Facts) -> Candidate:
        key, score, reason = candidate
        for boost in self.boosts:
            if matches(boost.when, facts):
                score *= boost.times
        return key, score, reason


def read_item_rules(options: Mapping[str, Any]) -> ItemRules | None:
    """The rules in a slot's FILTER and BOOST; None when it has none.

    Raises InvalidInputError.
    """
    keep, boosts = options.get("FILTER"), options.get("BOOST") or ()
    if keep is None and not boosts:
        return None
    if not isinstance(boosts, list | tuple):
        raise InvalidInputError("BOOST", f"expected a list, got {boosts!r}")
    rule = None if keep is None else read_item_rule(keep)
    return ItemRules(rule, tuple([read_boost(boost) for boost in boosts]))


def read_boost(boost: object) -> Boost:
    """One entry of BOOST. Raises InvalidInputError; an InvalidRuleError has all problems of its rule."""
    if not isinstance(boost, Mapping) or boost.keys() != _BOOST:
        raise InvalidInputError("BOOST", f'expected {{"WHEN": {{…}}, "TIMES": 1.3}}, got {boost!r}')
    times = boost["TIMES"]
    if isinstance(times, bool) or not isinstance(times, int | float) or not math.isfinite(times):
        raise InvalidInputError("TIMES", f"expected a number, got {times!r}")
    if not 0 < times <= MOST_TIMES:
        raise InvalidInputError("TIMES", f"expected more than 0 and up to {MOST_TIMES}, got {times!r}")
    return Boost(read_item_rule(boost["WHEN"]), float(times))


def read_item_rule(written: object) -> Rule:
    """A rule about items, written as a dict. Raises InvalidInputError; an InvalidRuleError has all its problems."""
    if not isinstance(written, dict):
        raise InvalidInputError("rule", f"expected a dict, got {written!r}")
    try:
        text = json.dumps(written, ensure_ascii=False, allow_nan=False, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError("rule", f"it cannot be written as JSON: {error}") from error
    return read_rule(text, get_vocabulary(), scopes=SCOPES)
