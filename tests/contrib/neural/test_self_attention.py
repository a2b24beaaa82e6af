"""What comes next is known by construction: everybody walks around a circle of items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalization.contrib.neural.self_attention import SelfAttention
from personalization.engine.errors import InvalidInputError
from personalization.testing import make_interactions
from tests.contrib.neural.requires import needs_torch

pytestmark = needs_torch

CIRCLE = 8
SMALL = SelfAttention(
    maxlen=4,
    hidden_units=16,
    num_blocks=1,
    dropout_rate=0.0,
    lr=0.02,
    epochs=30,
    patience=None,
    threads=1,
)


def circle(*, backwards: bool = False):
    """Visitor v took v, v + 1 and v + 2, one a day."""
    pairs = [(visitor, (visitor + step) % CIRCLE) for visitor in range(3 * CIRCLE) for step in range(3)]
    times = [(-step if backwards else step) for _ in range(3 * CIRCLE) for step in range(3)]
    return make_interactions(pairs, n_visitors=3 * CIRCLE, n_items=CIRCLE, times=times)


def nexts(table):
    return [int(table.row(row)[0][0]) for row in range(CIRCLE)]


@pytest.mark.parametrize("options", [{}, {"num_neg": 12, "num_heads": 2}], ids=["all items", "drawn items"])
def test_it_learns_what_comes_next(options):
    fitted = replace(SMALL, **options).fit(circle())
    items, _ = fitted.recommend(np.arange(CIRCLE), count=1)
    assert items[:, 0].tolist() == [(visitor + 3) % CIRCLE for visitor in range(CIRCLE)]
    assert nexts(fitted.tables().weights) == [(item + 1) % CIRCLE for item in range(CIRCLE)]


def test_the_order_is_what_it_learns_from():
    tables = SMALL.fit(circle(backwards=True)).tables()
    assert nexts(tables.weights) == [(item - 1) % CIRCLE for item in range(CIRCLE)]


def test_scores_are_chances():
    tables = replace(SMALL, list_length=CIRCLE, neighbors=CIRCLE).fit(circle()).tables()
    for visitor in range(CIRCLE):
        assert tables.visitors.row(visitor)[1].sum() == pytest.approx(1.0, abs=1e-5)
    assert tables.weights.row(0)[1].sum() <= 1.0 + 1e-5


def test_seeds_give_different_networks():
    first, second = (replace(SMALL, epochs=1, seed=seed).fit(circle()).tables() for seed in (1, 2))
    assert not np.array_equal(first.visitors.values, second.visitors.values)


def test_torch_is_left_as_it_was():
    import torch

    torch.manual_seed(5)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.rand(1).item()
    torch.manual_seed(5)
    replace(SMALL, epochs=1, threads=before[0] + 1).fit(circle())
    after = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.rand(1).item()
    assert before == after


def test_a_small_budget_is_refused_before_training():
    with pytest.raises(InvalidInputError, match="num_neg") as caught:
        SelfAttention(memory_budget_mb=100).fit(circle())
    assert caught.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("maxlen", 0),
        ("hidden_units", 1.5),
        ("num_heads", 3),
        ("dropout_rate", 1.0),
        ("dropout_rate", -0.1),
        ("num_neg", 0),
        ("lr", 0),
        ("patience", 0),
        ("seed", -1),
        ("threads", "two"),
        ("decay_days", 0),
        ("memory_budget_mb", float("nan")),
    ],
)
def test_options_that_are_wrong_are_refused_by_name(option, value):
    with pytest.raises(InvalidInputError) as caught:
        SelfAttention(**{option: value})
    assert caught.value.field == ("hidden_units" if option == "num_heads" else option)
