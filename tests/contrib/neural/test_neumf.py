"""Two crowds with nothing in common: who belongs to which is known by construction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalization.contrib.neural.neumf import NeuMF
from personalization.engine.errors import InvalidInputError
from personalization.testing import make_interactions
from tests.contrib.neural.requires import needs_torch

pytestmark = needs_torch

SMALL = NeuMF(num_factors=4, layers=(8, 4), lr=0.02, epochs=25, patience=None, threads=1)


def crowds():
    """Visitors and items of one parity belong together; everybody lacks two of the ten."""
    pairs = [
        (visitor, item)
        for visitor in range(40)
        for item in range(visitor % 2, 20, 2)
        if item // 2 not in (visitor % 10, (visitor + 3) % 10)
    ]
    return make_interactions(pairs, n_visitors=40, n_items=20)


def test_it_offers_what_the_own_crowd_has():
    items, scores = SMALL.fit(crowds()).recommend(np.arange(40), count=2)
    assert (items % 2 == np.arange(40)[:, None] % 2).all()
    assert ((scores > 0) & (scores < 1)).all()


def test_items_of_one_crowd_are_neighbors_and_speak_for_each_other():
    fitted = SMALL.fit(crowds())
    items, _ = fitted.neighbors(5)
    assert (items % 2 == np.arange(20)[:, None] % 2).mean() > 0.9
    tables = fitted.tables()
    assert sorted(zip(tables.weights.indices, tables.weights.values, strict=True)) == sorted(
        (target, value) for target in range(20) for value in tables.neighbors.row(target)[1]
    )


def test_settings_may_say_layers_as_a_list():
    assert NeuMF(layers=[16, 8]) == NeuMF(layers=(16, 8))


def test_who_has_everything_can_be_learned_from():
    told = make_interactions([(0, 0), (0, 1), (1, 0)], n_visitors=2, n_items=2)
    items, _ = replace(SMALL, epochs=3).fit(told).recommend(1, count=2)
    assert items.tolist() == [1, -1]


def test_a_small_budget_is_refused_before_training():
    with pytest.raises(InvalidInputError) as caught:
        NeuMF(memory_budget_mb=100).fit(crowds())
    assert caught.value.field == "memory_budget_mb"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("num_factors", 0),
        ("layers", ()),
        ("layers", (7, 4)),
        ("layers", (8, 0)),
        ("layers", 8),
        ("num_neg", 0),
        ("reg", -1),
        ("batch_size", True),
        ("epochs", "many"),
    ],
)
def test_options_that_are_wrong_are_refused_by_name(option, value):
    with pytest.raises(InvalidInputError) as caught:
        NeuMF(**{option: value})
    assert caught.value.field == option
