"""When to stop training: what a window of time held back from training says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from personalization.engine.evaluation import Task, find_targets, temporal_split, visitor_values
from personalization.engine.kernels.selection import select_best
from personalization.engine.kernels.visitor_rows import mask_seen
from personalization.engine.recommenders.pairs import pair_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.evaluation import Split
    from personalization.engine.evaluation.loop import Targets
    from personalization.engine.interactions import Interactions

#: The last part of the time that is held back, and the length of the lists that are judged.
WINDOW: Final = 0.1
_COUNT: Final = 20
#: Fewer visitors say nothing; more add nothing but time.
_FEWEST, _MOST = 20, 1_000
#: Visitors that are scored at once.
_CHUNK: Final = 100


class Model(Protocol):
    """Something that gets better by the epoch."""

    def train_epoch(self) -> None:
        """One pass over all it learns from."""

    def score(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 (m, n_items) of visitor rows, > 0; -inf where an item is no candidate."""


def train(
    start: Callable[[Interactions], Model], interactions: Interactions, *, epochs: int, patience: int | None
) -> Model:
    """A model after as many epochs as are good for it, learned from all interactions.

    A first model learns without the last `WINDOW` of the time span and is judged by NDCG@20 of what was new to its
    visitors in there; it stops after ``patience`` epochs without gain. A second one then learns from everything for
    the best number of epochs. Without patience, times, or visitors to judge by, ``epochs`` it is.
    """
    wanted = epochs if patience is None else _best_epochs(start, interactions, epochs, patience)
    model = start(interactions)
    for _ in range(wanted):
        model.train_epoch()
    return model


def _best_epochs(
    start: Callable[[Interactions], Model], interactions: Interactions, epochs: int, patience: int
) -> int:
    times = interactions.times
    if times is None or not len(times):
        return epochs
    first, last = int(times.min()), int(times.max())
    split = temporal_split(interactions, at=last - int((last - first) * WINDOW))
    every = find_targets(split, Task.NEW)
    targets = every.every(-(-len(every.visitors) // _MOST) or 1)
    if len(targets.visitors) < _FEWEST:
        return epochs
    model, best, figure = start(split.train), 0, 0.0
    for epoch in range(1, epochs + 1):
        model.train_epoch()
        reached = _ndcg(model, split, targets)
        if reached > figure:
            best, figure = epoch, reached
        if epoch - best >= patience:
            break
    return best or epochs


def _ndcg(model: Model, split: Split, targets: Targets) -> float:
    history = pair_matrix(split.train)
    rows = targets.visitors.astype(np.int64)
    ranked = np.concatenate(
        [_lists(model, rows[start : start + _CHUNK], history) for start in range(0, len(rows), _CHUNK)]
    )
    return float(visitor_values(ranked, targets, split, ks=(_COUNT,))[f"ndcg@{_COUNT}"].mean())


def _lists(model: Model, rows: NDArray[np.int64], history: csr_array[np.float64]) -> NDArray[np.int32]:
    scores = model.score(rows)
    mask_seen(scores, history[rows])
    return select_best(scores, _COUNT)[0]
