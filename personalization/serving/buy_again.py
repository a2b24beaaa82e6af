"""What a visitor bought, and may want again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.engine.types import Reason, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from personalization.serving.demand import Candidate, Demand

#: After so long an order counts half. On real purchases (cuts of March to June 2011, what 2,260 customers bought again in
#: the 30 days after) NDCG@10 is .398 with 15 days, .411 with 60, .414 with 180 and with 365; .443 by the list of `UserKNN`.
HALF_LIFE_DAYS: Final = 180
_DAY: Final = 86_400_000_000


def buy_again(demand: Demand) -> Iterable[Candidate]:
    """The visitor's own purchases, those of the build's list first, in its order; then by how often and how lately.

    Without a list an item's score is Σ 2 ** (-age / HALF_LIFE_DAYS) over its orders.
    """
    weights = _weights(demand)
    listed = dict.fromkeys(key for key in _listed(demand) if key in weights)
    counted = sorted((key for key in weights if key not in listed), key=lambda key: -weights[key])
    # What is listed stands before the rest, whatever the rest's own score.
    top = max(weights.values(), default=0.0)
    scores = {key: top * (2 - place / len(listed)) for place, key in enumerate(listed)}
    for key in (*listed, *counted):
        yield key, scores.get(key, weights[key]), Reason(ReasonCode.BOUGHT_BEFORE, (key,))


def _weights(demand: Demand) -> dict[str, float]:
    """Key → how often and how lately; the one that was bought last comes first, so that ties go by that."""
    weights: dict[str, float] = {}
    for key, at in demand.state.orders():
        age = max(demand.state.before - at, 0) / _DAY
        weights[key] = weights.get(key, 0.0) + 2.0 ** (-age / HALF_LIFE_DAYS)
    return weights


def _listed(demand: Demand) -> list[str]:
    tables = demand.state.tables(demand.slot.recommender) if demand.slot.recommender else None
    if tables is None:
        return []
    stored = demand.state.list_of(demand.slot.recommender, tables.key.id, again=True)
    listed = None if stored is None else stored.read(len(tables.vocabulary))
    return [] if listed is None else tables.vocabulary.keys(listed.items)
