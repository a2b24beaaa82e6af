import math

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.ranking import Scratch, gather, score_history
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.shop_blend import ShopBlend
from personalization.engine.tables import pack_rows
from personalization.testing import assert_same_tables, make_interactions
from tests.engine.recommenders.data import DAY, random_interactions, shuffled


def described(interactions, titles, **facts):
    return interactions.take(np.arange(len(interactions)), catalog=Catalog(titles=tuple(titles), **facts))


def themed():
    """Three visitors have items 0 and 1; nobody has item 2, which is called as item 0 is, nor item 3."""
    pairs = [(visitor, item) for visitor in range(3) for item in (0, 1)] + [(3, 0)]
    interactions = make_interactions(pairs, n_visitors=4, n_items=4)
    return described(interactions, ["red owl lamp", "green frog mug", "red owl plate", "green frog"])


def test_a_new_item_is_found_by_its_title():
    fitted = ShopBlend(regularization=5.0).fit(themed())
    assert fitted.neighbors(1)[0][2].tolist() == [0]
    assert 2 in fitted.recommend(3, count=3)[0].tolist()
    without = ShopBlend(regularization=5.0, content_weight=0).fit(themed())
    assert without.neighbors(1)[0][2].tolist() == [-1]
    assert 2 not in without.recommend(3, count=3)[0].tolist()


def test_a_new_item_is_found_by_its_chinese_title():
    pairs = [(visitor, 0) for visitor in range(3)]
    interactions = make_interactions(pairs, n_visitors=3, n_items=3)
    fitted = ShopBlend(regularization=5.0).fit(
        described(interactions, ["红色猫头鹰灯", "绿色青蛙杯", "大猫头鹰"])
    )
    assert fitted.neighbors(1)[0][2].tolist() == [0]


def test_an_item_that_is_not_sold_yet_is_not_found():
    listed = np.array([0, 0, 99 * DAY, 0])
    facts = themed()
    interactions = described(facts, facts.catalog.titles, listed_at=listed).take(np.arange(7), as_of=10 * DAY)
    assert ShopBlend(regularization=5.0).fit(interactions).neighbors(1)[0][2].tolist() == [-1]


def test_the_prior_by_hand():
    pairs = [(0, 0), (1, 0), (2, 1)]
    interactions = make_interactions(pairs, n_visitors=3, n_items=2)
    catalog = Catalog(titles=("", ""), listed_at=np.array([0, 30 * DAY]))
    interactions = interactions.take(np.arange(3), catalog=catalog, as_of=30 * DAY)
    tables = (
        ShopBlend(popularity_share=0.4, freshness_share=0.2, trend_share=0.1, freshness_days=15)
        .fit(interactions)
        .tables()
    )
    half = math.log1p(50) / math.log(101)
    old, new = 0.4 + 0.2 * math.exp(-2) + 0.05, 0.4 * half + 0.2 * half + 0.05
    assert tables.prior_share == pytest.approx(0.7)
    assert tables.ranking.items.tolist() == [1, 0] if new > old else [0, 1]
    assert sorted(tables.ranking.scores) == pytest.approx(sorted([old / 0.7, new / 0.7]))


@pytest.mark.parametrize(
    ("option", "better"),
    [("popularity_share", "what sells"), ("freshness_share", "what is new"), ("trend_share", "what rises")],
)
def test_each_term_puts_its_item_first(option, better):
    days = {"what sells": [1, 2, 3, 4, 5, 6, 50, 55], "what is new": [50, 51], "what rises": [58, 59, 59]}
    pairs = [(visitor, item) for item, sold in enumerate(days.values()) for visitor in range(len(sold))]
    times = [day * DAY for sold in days.values() for day in sold]
    interactions = make_interactions(pairs, n_visitors=8, n_items=3, times=times)
    listed = np.array([0, 50 * DAY, 0])
    interactions = interactions.take(
        np.arange(len(pairs)), as_of=60 * DAY, catalog=Catalog(titles=("",) * 3, listed_at=listed)
    )
    shares = dict.fromkeys(("popularity_share", "freshness_share", "trend_share"), 0.0) | {option: 1.0}
    ranking = (
        ShopBlend(popularity_days=60.0, trend_base_days=30.0, **shares).fit(interactions).tables().ranking
    )
    assert list(days)[ranking.items[0]] == better


def test_without_shares_strangers_still_get_what_is_popular():
    interactions = make_interactions([(0, 0), (1, 1), (2, 1)], n_visitors=4, n_items=2)
    fitted = ShopBlend(popularity_share=0, freshness_share=0, trend_share=0).fit(interactions)
    assert fitted.tables().prior_share == 0
    assert fitted.recommend(3, count=2)[0].tolist() == [1, 0]


def test_the_batch_gives_what_serving_gives():
    interactions = random_interactions()
    fitted = ShopBlend(regularization=20.0).fit(interactions)
    tables = fitted.tables()
    prior = np.zeros(200, np.float32)
    prior[tables.ranking.items] = tables.ranking.scores
    items, scores = fitted.recommend(np.arange(300, dtype=np.int32), count=20)
    for visitor in range(300):
        history = np.unique(interactions.items[interactions.visitors == visitor])
        served = score_history(
            gather(tables.weights, history),
            Scratch(200),
            count=20,
            exclude=history,
            ranking=tables.ranking,
            prior=prior,
            prior_share=tables.prior_share,
        )
        assert np.array_equal(served.items, items[visitor, : len(served.items)])
        assert np.allclose(served.scores, scores[visitor, : len(served.items)], rtol=1e-6)


def loyal(*, n_visitors=30, weeks=10):
    """Each visitor takes one item of its own every week, a second one three times, and one that is new to it now and then."""
    entries = []
    for visitor in range(n_visitors):
        own = visitor % 5
        entries += [(visitor, own, week * 7) for week in range(weeks)]
        entries += [(visitor, 5 + own, week * 7) for week in (1, 4, 8)]
        entries.append((visitor, 10 + visitor % 7, 20 + visitor))
    return make_interactions(
        [(visitor, item) for visitor, item, _ in entries],
        n_visitors=n_visitors,
        n_items=17,
        times=[day * DAY for *_, day in entries],
    )


def test_what_a_visitor_takes_again_and_again_comes_first():
    fitted = ShopBlend().fit(loyal())
    assert fitted.loyalty == 1.0
    items, _ = fitted.recommend(np.arange(30, dtype=np.int32), count=2, exclude_seen=False)
    assert items[:, 0].tolist() == [visitor % 5 for visitor in range(30)]
    assert items[:, 1].tolist() == [5 + visitor % 5 for visitor in range(30)]


def test_new_items_are_not_touched_by_what_is_taken_again():
    interactions = loyal()
    often, never = (ShopBlend(own_share=share).fit(interactions) for share in (5.0, 0.0))
    rows = np.arange(30, dtype=np.int32)
    assert np.array_equal(often.recommend(rows, count=5)[0], never.recommend(rows, count=5)[0])


def test_where_nothing_is_taken_twice_known_items_come_last():
    pairs = [(visitor, (visitor + step * 3) % 30) for visitor in range(40) for step in range(8)]
    times = [step * 10 * DAY for _ in range(40) for step in range(8)]
    interactions = make_interactions(pairs, n_visitors=40, n_items=30, times=times)
    fitted = ShopBlend(regularization=5.0).fit(interactions)
    assert fitted.loyalty == 0.0
    rows = np.arange(40, dtype=np.int32)
    every, fresh = (fitted.recommend(rows, count=12, exclude_seen=seen)[0] for seen in (False, True))
    had = {(visitor, item) for visitor, item in pairs}
    assert not {(visitor, item) for visitor in range(40) for item in every[visitor].tolist()} & had
    assert fresh.shape == every.shape


def test_rows_are_as_long_as_wanted():
    tables = ShopBlend(list_length=4).fit(loyal()).tables()
    assert np.diff(tables.repeats.indptr).tolist() == [4] * 30


def test_too_many_rows_are_left_out():
    interactions = make_interactions(
        [(v, i) for v in range(9) for i in (0, 1)], n_visitors=40_000, n_items=60
    )
    tables = ShopBlend(memory_budget_mb=20).fit(interactions).tables()
    assert tables.repeats is None
    assert ShopBlend(memory_budget_mb=20, list_length=10).fit(interactions).tables().repeats is not None
    assert tables.weights is not None


def test_a_catalog_that_is_too_large_gets_the_table_that_needs_no_matrix():
    interactions = random_interactions(n_items=2_000, n_visitors=100, n=1_000)
    small = ShopBlend(memory_budget_mb=5).fit(interactions)
    large = ShopBlend().fit(interactions)
    assert (small.table, large.table) == ("rp3beta", "ease")
    assert np.array_equal(small.tables().ranking.items, large.tables().ranking.items)
    assert np.array_equal(small.tables().ranking.scores, large.tables().ranking.scores)
    assert small.tables().prior_share == large.tables().prior_share


def test_a_budget_for_no_table_at_all_is_refused():
    with pytest.raises(InvalidInputError) as refusal:
        ShopBlend(memory_budget_mb=0.01).fit(random_interactions())
    assert refusal.value.field == "memory_budget_mb"


def test_the_order_of_rows_changes_no_bit():
    interactions = random_interactions(n=3_000)
    titles = [f"word{item % 7} word{item % 11}" for item in range(200)]
    first = ShopBlend().fit(described(interactions, titles)).tables()
    assert_same_tables(first, ShopBlend().fit(described(shuffled(interactions), titles)).tables())


def test_tells_its_size_beforehand():
    tables = ShopBlend(neighbors=12).fit(random_interactions()).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) <= ShopBlend(neighbors=12).table_bytes(200) == EASE(neighbors=12).table_bytes(200)


@pytest.mark.parametrize(
    "field",
    [
        "regularization",
        "neighbors",
        "decay_days",
        "content_weight",
        "popularity_share",
        "popularity_days",
        "freshness_share",
        "freshness_days",
        "trend_share",
        "trend_days",
        "trend_base_days",
        "own_share",
        "month_share",
        "week_share",
        "table_share",
        "list_length",
        "memory_budget_mb",
    ],
)
def test_hyper_parameters_are_refused_by_name(field):
    with pytest.raises(InvalidInputError) as refusal:
        ShopBlend(**{field: -1})
    assert refusal.value.field == field


def test_a_table_of_all_weights_is_refused():
    with pytest.raises(InvalidInputError) as refusal:
        ShopBlend(neighbors=None)
    assert refusal.value.field == "neighbors"
