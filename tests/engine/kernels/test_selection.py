import numpy as np
import pytest

from personalization.engine.kernels.selection import select_best


def sorted_best(scores, count):
    """By sorting every row as a whole."""
    items = np.full((len(scores), count), -1)
    values = np.full((len(scores), count), np.nan, dtype=np.float32)
    for row, own in enumerate(scores):
        order = sorted(
            (column for column in range(len(own)) if own[column] > -np.inf), key=lambda c: (-own[c], c)
        )
        kept = order[:count]
        items[row, : len(kept)], values[row, : len(kept)] = kept, own[kept]
    return items, values


def drawn(kind, shape, rng):
    scores = rng.standard_normal(shape).astype(np.float32)
    if kind == "ties":
        return np.round(scores)
    if kind == "few":
        scores[rng.random(shape) < 0.99] = -np.inf
    if kind == "together":  # the best stand side by side, and in one group of columns
        scores[0, -40:] += 9
        scores[1, :: max(shape[1] // 9, 1)] += 9
    if kind == "none":
        scores[:] = -np.inf
    if kind == "lowest":
        scores[:, ::2] = np.finfo(np.float32).min
        scores[:, 1::2] = -np.inf
    return scores


@pytest.mark.parametrize("kind", ["all", "ties", "few", "together", "none", "lowest"])
@pytest.mark.parametrize("count", [1, 3, 20])
@pytest.mark.parametrize("width", [1, 20, 21, 333, 1000])
def test_the_best_are_those_of_a_whole_sort(kind, count, width):
    scores = drawn(kind, (4, width), np.random.default_rng(width + count))
    before = scores.copy()
    items, values = select_best(scores, count)
    expected_items, expected_values = sorted_best(scores, count)
    assert np.array_equal(items, expected_items)
    assert np.array_equal(values, expected_values, equal_nan=True)
    assert np.array_equal(scores, before)


def test_no_row_is_no_list():
    items, values = select_best(np.zeros((0, 50), np.float32), 3)
    assert items.shape == values.shape == (0, 3)


@pytest.mark.parametrize("count", [2, 9])
def test_what_is_not_above_the_bound_is_no_candidate(count):
    scores = np.array([[-1, 0, 2, -np.inf, 1, 0, -0.0], [-3, -2, -1, 0, 0, -0.0, -1]], np.float32)
    columns, values = select_best(scores, count, above=0)
    assert columns[:, :2].tolist() == [[2, 4], [-1, -1]]
    assert np.array_equal(values[:, :2], [[2, 1], [np.nan, np.nan]], equal_nan=True)
    assert (columns[:, 2:] == -1).all()
    every, _ = select_best(scores, count)
    assert every[1, :2].tolist() == [3, 4]  # 0 and -0 are one value: ties by the lower column
