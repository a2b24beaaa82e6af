"""Draws by the numbers of things."""

from __future__ import annotations

import numpy as np
import pytest

from personalization.engine.lots import lots


def test_a_lot_depends_on_its_number_alone() -> None:
    keys = np.random.default_rng(0).permutation(1_000)
    drawn = lots(keys)
    assert np.array_equal(drawn[np.argsort(keys)], lots(np.arange(1_000)))


@pytest.mark.parametrize("step", [1, 2, 64, 4_000])
def test_neighbors_and_multiples_are_spread_evenly(step: int) -> None:
    drawn = lots(np.arange(20_000) * step)
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    assert counts.sum() == 20_000
    assert counts == pytest.approx(2_000, abs=200)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.05
