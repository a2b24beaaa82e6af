"""The learned ranker: what it finds, that it is the same every time, and what it does where it cannot learn."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contrib.wanted import wanted

if not wanted("lightgbm", "rank"):
    pytest.skip("needs the extra [rank]", allow_module_level=True)

from personalization.contrib.rank import ALL_RANKER, NEW_RANKER, TwoStage
from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.two_stage.sources import Source
from personalization.testing.recommenders import RecommenderContract, assert_same_tables
from tests.engine.two_stage.data import DAY, next_of, rich, ring, staple_of

SOURCES = (
    Source("alike", ItemKNN(neighbors=20), 8),
    Source("basket", ItemKNN(neighbors=20), 8, seeds="last basket"),
)
SMALL = TwoStage(
    base=ItemKNN(),
    sources=SOURCES,
    windows=((14, 7), (7, 7)),
    listed=2,
    new_ranker=replace(NEW_RANKER, trees=40, learning_rate=0.2, leaf_rows=5),
    all_ranker=replace(ALL_RANKER, trees=40, leaves=7, learning_rate=0.2, leaf_rows=5),
    list_length=10,
)


class TestTwoStage(RecommenderContract):
    """Eleven days are too few for the windows: what the base table holds is served."""

    recommender = TwoStage()


def share_of_ring(fitted: Any, shop: Interactions) -> float:
    visitors = np.arange(shop.n_visitors, dtype=np.int32)
    first, _ = fitted.recommend(visitors, count=1)
    return float(np.mean([first[visitor, 0] == next_of(shop, visitor) for visitor in range(shop.n_visitors)]))


def test_it_learns_what_comes_next_which_no_source_knows_alone() -> None:
    shop = ring()
    ranked, base = SMALL.fit(shop), ItemKNN().fit(shop)
    assert share_of_ring(ranked, shop) > 0.9
    assert share_of_ring(base, shop) < 0.6


def test_a_draft_learns_from_the_last_window_alone_and_still_finds_it() -> None:
    shop = ring()
    everybody = np.arange(shop.n_visitors)
    draft = SMALL.draft(everybody)
    one_vote = replace(SMALL.new_ranker, votes=1)
    assert SMALL.new_ranker.votes == 2
    assert draft == replace(
        SMALL, windows=((7, 7),), new_share=1.0, new_ranker=one_vote, asked=tuple(everybody.tolist())
    )
    every = draft.fit(shop)
    assert share_of_ring(every, shop) > 0.8
    asked = SMALL.draft(everybody[:10]).fit(shop)
    assert np.array_equal(
        asked.recommend(everybody[:10], count=3)[0], every.recommend(everybody[:10], count=3)[0]
    )
    assert (np.diff(asked.tables().visitors.indptr)[10:] == 0).all()  # type: ignore[union-attr]


def test_it_learns_what_is_taken_again() -> None:
    shop = ring()
    visitors = np.arange(shop.n_visitors, dtype=np.int32)
    best, _ = SMALL.fit(shop).recommend(visitors, count=2, exclude_seen=False)
    for visitor in range(shop.n_visitors):
        assert staple_of(visitor) in best[visitor]


def test_the_same_seed_gives_the_same_tables_in_whatever_order_the_entries_stand() -> None:
    shop = rich()
    learner = replace(SMALL, windows=((40, 40),))
    mixed = shop.take(np.random.default_rng(4).permutation(len(shop)))
    tables = learner.fit(shop).tables()
    assert tables.visitors is not None
    assert len(tables.visitors.indices) > 200
    assert_same_tables(learner.fit(mixed).tables(), tables)
    assert_same_tables(replace(learner, threads=1).fit(shop).tables(), tables)


def test_rows_hold_new_items_for_one_goal_and_own_ones_too_for_the_other() -> None:
    shop = ring()
    tables = SMALL.fit(shop).tables()
    assert tables.visitors is not None
    assert tables.repeats is not None
    again = 0
    for visitor in range(shop.n_visitors):
        own = set(shop.items[shop.visitors == visitor].tolist())
        new, values = tables.visitors.row(visitor)
        assert not own & set(new.tolist())
        assert (np.diff(values) < 0).all()
        assert values.min() > 0
        again += len(own & set(tables.repeats.row(visitor)[0].tolist()))
    assert again > shop.n_visitors


@pytest.mark.parametrize(("goal", "field"), [("new", "visitors"), ("all", "repeats")])
def test_a_goal_that_is_not_asked_for_has_no_rows_of_its_own(goal: str, field: str) -> None:
    shop = ring(visitors=60)
    base = ItemKNN().fit(shop).tables()
    tables = replace(SMALL, goals=(goal,)).fit(shop).tables()
    for name in ("visitors", "repeats"):
        assert (getattr(tables, name) is not None) is (name == field)
    assert np.array_equal(tables.weights.values, base.weights.values)  # type: ignore[union-attr]


def test_a_newcomer_has_no_row_and_is_answered_by_the_base_table() -> None:
    shop = replace(ring(visitors=60), n_visitors=61)
    fitted = replace(SMALL, base=EASE(prior_share=0.3)).fit(shop)
    assert len(fitted.tables().visitors.row(60)[0]) == 0  # type: ignore[union-attr]
    assert (fitted.recommend(60, count=3)[0] >= 0).all()


def test_little_memory_draws_visitors_and_still_learns() -> None:
    shop = ring()
    drawn, every = replace(SMALL, memory_budget_mb=2).fit(shop), SMALL.fit(shop)
    assert share_of_ring(drawn, shop) > 0.8
    few, all_of_them = drawn.tables().visitors, every.tables().visitors
    assert few is not None
    assert all_of_them is not None
    assert not np.array_equal(few.indices, all_of_them.indices)


def test_who_has_everything_is_offered_nothing_new() -> None:
    shop = ring(visitors=60, items=8, weeks=12)  # every ring was walked around
    more = np.repeat(np.arange(60, dtype=np.int32), shop.n_items)
    items = np.tile(np.arange(shop.n_items, dtype=np.int32), 60)
    assert shop.times is not None
    everything = replace(
        shop,
        visitors=np.concatenate([shop.visitors, more]),
        items=np.concatenate([shop.items, items]),
        weights=np.ones(len(shop) + len(more), np.float32),
        times=np.concatenate([shop.times, np.full(len(more), 80 * DAY)]),
    )
    tables = SMALL.fit(everything).tables()
    assert tables.visitors is not None
    assert tables.repeats is not None
    assert len(tables.visitors.indices) == 0
    assert (np.diff(tables.repeats.indptr) == SMALL.list_length).all()


@pytest.mark.parametrize(
    "unknown", [{"times": None}, {"as_of": 5 * DAY}], ids=["no times", "a history too short"]
)
def test_where_it_cannot_learn_the_base_table_serves_and_the_log_says_why(
    unknown: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    shop = ring(visitors=40)
    early = shop.take(shop.times < 5 * DAY) if "as_of" in unknown else shop  # type: ignore[operator]
    early = replace(early, **unknown)
    with caplog.at_level(logging.WARNING, logger="personalization"):
        tables = SMALL.fit(early).tables()
    assert_same_tables(tables, ItemKNN().fit(early).tables())
    assert "base table serves alone" in caplog.text


def test_nobody_who_comes_back_leaves_the_base_table(caplog: pytest.LogCaptureFixture) -> None:
    shop = ring(visitors=40)
    once = shop.take(shop.times // (7 * DAY) == shop.visitors % 12)  # type: ignore[operator]
    assert_same_tables(SMALL.fit(once).tables(), ItemKNN().fit(once).tables())
    assert "base table serves alone" in caplog.text


def test_a_source_that_the_catalog_is_too_large_for_is_left_out() -> None:
    shop = ring()
    large = Source("large", EASE(memory_budget_mb=0.01), 8)
    tables = replace(SMALL, sources=(*SOURCES, large)).fit(shop).tables()
    assert_same_tables(tables, SMALL.fit(shop).tables())


def test_words_are_asked_where_there_are_titles() -> None:
    shop = rich()
    said = Source("said", ItemKNN(neighbors=3), 8, content=True)
    learner = replace(SMALL, windows=((40, 40),), sources=(*SOURCES, said))
    plain = replace(shop, catalog=Catalog(("",) * shop.n_items))
    assert_same_tables(learner.fit(plain).tables(), replace(learner, sources=SOURCES).fit(plain).tables())
    with_words = learner.fit(shop).tables().visitors
    assert not np.array_equal(with_words.indices, learner.fit(plain).tables().visitors.indices)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("windows", ((0, 7),)),
        ("windows", ((7,),)),
        ("goals", ()),
        ("goals", ("old",)),
        ("sources", (SOURCES[0], SOURCES[0])),
        ("listed", -1),
        ("front", 0),
        ("list_length", 0),
        ("seed", -1),
        ("threads", 0),
        ("new_share", 0.0),
        ("new_share", 1.1),
        ("memory_budget_mb", float("nan")),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        replace(SMALL, **{field: value})  # type: ignore[arg-type]
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("objective", "luck"),
        ("trees", 0),
        ("leaves", 1),
        ("learning_rate", 0.0),
        ("leaf_rows", 0),
        ("feature_share", 1.5),
        ("l2", -1.0),
        ("votes", 0),
    ],
)
def test_trees_that_make_no_sense_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        replace(ALL_RANKER, **{field: value})  # type: ignore[arg-type]
    assert refusal.value.field == field
