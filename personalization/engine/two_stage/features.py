"""One row of numbers for each candidate, as of an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.two_stage.crossings import Crossings
from personalization.engine.two_stage.item_facts import item_facts
from personalization.engine.two_stage.own_history import own_history
from personalization.engine.two_stage.visitor_facts import visitor_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.two_stage.candidates import Candidates
    from personalization.engine.two_stage.snapshot import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """``values`` float32 (c, f), NaN where a number is unknown; ``names``: what each of the f columns is."""

    names: tuple[str, ...]
    values: NDArray[np.float32]


class FeatureMaker:
    """Makes features of candidates of one snapshot; what is known of items and visitors is counted once.

    Parameters
    ----------
    sources : names of the sources of the candidates' scores, in their order
    """

    def __init__(self, snapshot: Snapshot, sources: Sequence[str]) -> None:
        self._snapshot, self._sources = snapshot, tuple(sources)
        self._items, self._visitors = item_facts(snapshot), visitor_facts(snapshot)
        self._crossings = Crossings(snapshot, self._items, self._visitors)

    def make(self, candidates: Candidates, *, repeats: bool) -> Features:
        """``repeats``: with what the visitor did with items that it has."""
        columns: dict[str, NDArray[np.floating]] = {}
        for name, scores, ranks in zip(self._sources, candidates.scores, candidates.ranks, strict=True):
            columns |= {f"{name}_score": scores, f"{name}_rank": ranks}
        columns |= {name: fact[candidates.items] for name, fact in self._items.items()}
        columns |= {name: fact[candidates.visitors] for name, fact in self._visitors.items()}
        columns |= self._crossings.columns(candidates)
        if repeats:
            columns |= own_history(self._snapshot, candidates)
        values = np.empty((len(candidates), len(columns)), np.float32)
        for place, column in enumerate(columns.values()):
            values[:, place] = column
        return Features(tuple(columns), values)
