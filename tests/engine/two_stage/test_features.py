"""Every column of a feature row, by a shop small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.two_stage.item_facts import item_facts, log_share
from personalization.engine.two_stage.pool import Pool
from personalization.engine.two_stage.snapshot import Snapshot
from personalization.engine.two_stage.sources import Source
from personalization.engine.two_stage.visitor_facts import visitor_facts
from tests.engine.two_stage.data import DAY, entries, rich

#: As of day 100. Item 0 is an old staple, 1 is new and rising, 2 went out of fashion, 3 was never sold.
ROWS: list[tuple[int, int, float]] = [
    (0, 0, 10), (0, 2, 10), (0, 0, 50), (0, 0, 90), (0, 1, 90),
    (1, 0, 20), (1, 2, 20), (1, 1, 95), (2, 0, 75), (2, 1, 98),
]  # fmt: skip
QUANTITIES = [1, 1, 3, 1, 1, 10, 10, 10, 100, 100]
PRICES = [2, 8, 2, 2, 4, 2, 8, 4, 2, 4]


def shop(**known: object) -> Interactions:
    catalog = Catalog(("",) * 4, categories=("a", "b", "b", "c"))
    known = {"quantities": QUANTITIES, "prices": PRICES, "catalog": catalog, **known}
    return replace(entries(ROWS, n_visitors=4, n_items=4, **known), as_of=100 * DAY)


def columns(events: Interactions, visitor: int) -> dict[str, np.ndarray]:
    """Name → the column of all items, which are all candidates."""
    pool = Pool(Snapshot.of(events), [Source("alike", ItemKNN(), 4)], listed=4)
    (candidates,) = pool.candidates(np.array([visitor]))
    features = pool.features(candidates, repeats=True)
    assert candidates.items.tolist() == [0, 1, 2]
    return dict(zip(features.names, features.values.T, strict=True))


def close(found: np.ndarray, expected: object) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_popularity_counts_visitors_within_days_on_a_logarithmic_scale() -> None:
    facts = item_facts(Snapshot.of(shop()))
    close(facts["popularity_7"], log_share(np.array([0, 2, 0, 0])))
    close(facts["popularity_14"], log_share(np.array([1, 3, 0, 0])))
    close(facts["popularity_30"], log_share(np.array([2, 3, 0, 0])))
    close(facts["popularity_60"], log_share(np.array([2, 3, 0, 0])))
    close(facts["popularity"], log_share(np.array([3, 3, 2, 0])))
    close(log_share(np.array([4, 2, 0])), [1, np.log(51) / np.log(101), 0])


def test_trends_orders_and_reorders() -> None:
    facts = item_facts(Snapshot.of(shop()))
    close(facts["trend_14_28"], np.log([2 / 2, 4 / 1, 1, 1]))  # visitor 2 took item 0 on day 75
    close(facts["trend_7_30"][1], np.log((2 / 7 + 0.1) / (3 / 30 + 0.1)))
    close(facts["trend_14_60"][0], np.log((1 / 14 + 0.1) / (2 / 60 + 0.1)))
    close(facts["orders_28"], np.log1p([2, 3, 0, 0]))
    close(facts["reorders"], [1 / 8, 0, 0, 0])


def test_ages_price_quantity_and_category() -> None:
    facts = item_facts(Snapshot.of(shop()))
    close(facts["first_sold"], [90, 10, 90, np.nan])
    close(facts["last_sold"], [10, 2, 80, np.nan])
    close(facts["price"], np.log1p([2, 4, 8, np.nan]))
    close(facts["quantity"][2], np.log1p([1, 10]).mean())
    close(facts["category_popularity"], log_share(np.array([2, 3, 0]))[[0, 1, 1, 2]])


def test_facts_of_visitors() -> None:
    facts = visitor_facts(Snapshot.of(shop()))
    close(facts["visitor_orders"], np.log1p([3, 2, 2, 0]))
    close(facts["visitor_orders_60"], np.log1p([2, 1, 2, 0]))
    close(facts["visitor_items"], np.log1p([3, 3, 2, 0]))
    close(facts["visitor_first"], [90, 80, 25, np.nan])
    close(facts["visitor_last"], [10, 5, 2, np.nan])
    close(facts["visitor_gap"], [40, 75, 23, np.nan])
    close(facts["visitor_basket"], np.log1p([5 / 3, 3 / 2, 1, np.nan]))
    close(facts["visitor_novelty"], [3 / 5, 1, 1, np.nan])
    close(facts["visitor_quantity"][1:], [np.log1p(10), np.log1p(100), np.nan])
    close(facts["visitor_price"][2:], [np.log1p([2, 4]).mean(), np.nan])


def test_what_a_visitor_did_with_its_own_items() -> None:
    found = columns(shop(), 0)
    close(found["own_count"], [3, 1, 1])
    close(found["own_share"], [1, 1 / 3, 1 / 3])
    close(found["own_60"][0], np.exp([-90 / 60, -50 / 60, -10 / 60]).sum())
    close(found["own_last"], [10, 10, 90])
    close(found["own_first"], [90, 10, 90])
    close(found["own_gap"], [40, np.nan, np.nan])
    close(found["own_due"], [10 / 40, np.nan, np.nan])
    close(found["own_orders_since"], [0, 0, 2])
    close(found["own_latest"], [3, 1, 1])
    close(found["own_quantity"], [np.log1p([1, 3, 1]).mean(), np.log1p(1), np.log1p(1)])


def test_an_item_that_a_visitor_does_not_have_has_counts_of_zero_and_no_age() -> None:
    found = columns(shop(), 2)
    assert found["own_count"].tolist() == [1, 1, 0]
    assert found["own_30"][2] == 0
    for name in ("own_last", "own_first", "own_gap", "own_due", "own_orders_since", "own_quantity"):
        assert np.isnan(found[name][2]), name


def test_how_a_candidate_fits_its_visitor() -> None:
    found = columns(shop(), 2)
    close(found["price_difference"], np.log1p([2, 4, 8]) - np.log1p([2, 4]).mean())
    close(found["quantity_difference"][2], np.log1p([1, 10]).mean() - np.log1p(100))
    close(found["category_share"], [0.5, 0.5, 0.5])
    close(found["category_lift"], np.log(0.51 / (np.array([3, 5, 5]) / 8 + 0.01)))


def test_popularity_among_visitors_who_take_as_many_pieces() -> None:
    """Visitor 2 takes hundreds, and is alone with that: what it took in 60 days is all that counts."""
    close(columns(shop(), 2)["level_popularity"], [1, 1, 0])
    close(columns(shop(), 1)["level_popularity"], [0, 1, 0])


def test_scores_and_places_of_the_sources_come_first() -> None:
    found = columns(shop(), 2)
    assert list(found)[:2] == ["alike_score", "alike_rank"]
    assert found["alike_score"].max() == 1
    assert found["alike_rank"][2] == 0  # the only new one
    assert set(found["alike_rank"].tolist()) <= {0, 1}


@pytest.mark.parametrize(
    ("unknown", "gone"),
    [
        ("prices", {"price", "visitor_price", "price_difference"}),
        (
            "quantities",
            {"quantity", "visitor_quantity", "quantity_difference", "own_quantity", "level_popularity"},
        ),
        ("catalog", {"category_popularity", "category_share", "category_lift"}),
        ("orders", set()),
    ],
)
def test_what_is_unknown_has_no_column(unknown: str, gone: set[str]) -> None:
    known = rich()
    assert columns_of(known) - columns_of(replace(known, **{unknown: None})) == gone


def columns_of(events: Interactions) -> set[str]:
    pool = Pool(Snapshot.of(events), [], listed=3)
    (candidates,) = pool.candidates(np.arange(5))
    return set(pool.features(candidates, repeats=True).names)
