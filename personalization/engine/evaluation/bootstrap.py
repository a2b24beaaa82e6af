"""How much of a figure is chance: visitors drawn again and again, with replacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Bytes of drawn visitor counts that are held at once.
_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class Interval:
    """Between these two the mean lies, with the level's probability."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two recommenders on the same visitors.

    ``difference``: mean of first - second, with its interval; ``p_value``: how probable so large a difference would be
    if there were none (two-sided).
    """

    difference: float
    interval: Interval
    p_value: float


def resampled_means(
    values: NDArray[np.float64], *, resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Means over visitors drawn with replacement, all columns with the same draws.

    values float64 (m, c), m ≥ 1, finite → float64 (resamples, c).
    Efron and Tibshirani, An introduction to the bootstrap, 1993. Raises InvalidInputError naming what is wrong.
    """
    if values.ndim != 2 or not len(values) or not np.isfinite(values).all():
        raise InvalidInputError("values", "expected finite values of at least one visitor, shape (m, c)")
    if resamples < 1:
        raise InvalidInputError("resamples", "expected at least 1")
    m = len(values)
    means = np.empty((resamples, values.shape[1]))
    rows = max(1, _BYTES // (8 * m))
    for start in range(0, resamples, rows):
        n = min(rows, resamples - start)
        drawn = rng.integers(m, size=(n, m)) + m * np.arange(n)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=n * m).reshape(n, m)
        means[start : start + n] = counts @ values / m
    return means


def intervals(means: NDArray[np.float64], *, level: float = 0.95) -> list[Interval]:
    """The percentile interval of each column of :func:`resampled_means`.

    Raises InvalidInputError naming ``level`` unless it lies between 0 and 1.
    """
    if not 0 < level < 1:
        raise InvalidInputError("level", "expected a number between 0 and 1")
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def paired_tests(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    *,
    resamples: int,
    rng: np.random.Generator,
    level: float = 0.95,
) -> list[PairedTest]:
    """The paired bootstrap test of each column: the same visitors are drawn for both recommenders.

    ``p = min(1, 2 · (1 + min(#{d* ≤ 0}, #{d* ≥ 0})) / (resamples + 1))`` with d* the resampled mean differences.

    first, second float64 (m, c). Raises InvalidInputError naming ``second`` when the shapes differ.
    Koehn, Statistical significance tests for machine translation evaluation, EMNLP 2004.
    """
    if first.shape != second.shape:
        raise InvalidInputError("second", f"expected shape {first.shape}")
    means = resampled_means(first - second, resamples=resamples, rng=rng)
    rarer = np.minimum((means <= 0).sum(axis=0), (means >= 0).sum(axis=0))
    p_values = np.minimum(1.0, 2 * (1 + rarer) / (resamples + 1))
    differences = (first - second).mean(axis=0)
    return [
        PairedTest(float(difference), interval, float(p))
        for difference, interval, p in zip(differences, intervals(means, level=level), p_values, strict=True)
    ]
