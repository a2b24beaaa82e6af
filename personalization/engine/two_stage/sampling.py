"""Fewer examples: many of those that were not taken say the same, and not all visitors always fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.lots import lots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.two_stage.sources import Source
    from personalization.engine.two_stage.windows import Labeled

#: Columns of a row besides two for each source, at most.
_FACTS: Final = 42
#: A float32 value, and its bin in the ranker.
_BYTES_PER_VALUE: Final = 5


def row_bytes(sources: Sequence[Source]) -> int:
    """What one candidate takes in training: ``5 · (42 + 2 · sources)``."""
    return _BYTES_PER_VALUE * (_FACTS + 2 * len(sources))


def draw_candidates(pairs: NDArray[np.int64], taken: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """bool (c,): all that were taken, and ``share`` of the others, drawn by their own numbers.

    Parameters
    ----------
    pairs : int64 (c,) distinct ``visitor · n_items + item``
    taken : bool (c,)
    """
    return taken | (lots(pairs) < share)


def draw_visitors(
    windows: Sequence[Labeled], *, width: float, rows: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """The visitors of each window to learn from, ascending: all of them, or as many, drawn, as give ``rows`` rows.

    Parameters
    ----------
    width : new candidates that a visitor has
    rows  : how many there may be in all windows together, about

    Returns
    -------
    int64 arrays, in the order of the windows; the same share of each window.
    """
    expected = [len(window.visitors) * (width + _own(window)) for window in windows]
    share = min(1.0, rows / max(sum(expected), 1))
    return [_drawn(window.visitors, share, rng) for window in windows]


def _own(window: Labeled) -> float:
    """How many items a visitor of the window has on average."""
    taking = np.zeros(window.history.n_visitors, np.bool_)
    taking[window.visitors] = True
    return float(taking[window.history.owned.visitors].sum()) / len(window.visitors)


def _drawn(visitors: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    if share >= 1:
        return visitors
    count = max(1, int(share * len(visitors)))
    return np.sort(rng.choice(visitors, size=count, replace=False))
