from dataclasses import replace

import numpy as np
import pytest

from personalization.engine import Interactions
from personalization.engine.tables import Tables, pack_rows
from personalization.learning.rebuild import rebuild
from personalization.learning.visitor_lists import list_bytes, shorten
from personalization.models import Build, VisitorRow
from tests.learning.shop import DAY, NOW, Clock, busy_shop
from tests.served import sparse

LEARNED = Interactions(
    visitors=np.array([0, 0, 1, 3, 3], np.int32),
    items=np.array([1, 2, 1, 0, 3], np.int32),
    weights=np.ones(5, np.float32),
    n_visitors=4,
    n_items=6,
    times=np.array([NOW - 9 * DAY, NOW - DAY, NOW - 9 * DAY, NOW - 400 * DAY, NOW - 2 * DAY], np.int64),
    as_of=NOW,
)
ROWS = {
    0: {1: 6.0, 4: 5.0, 2: 4.0, 5: 3.0, 0: 2.0, 3: 1.0},
    1: {5: 2.0, 1: 1.0},
    3: {0: 4.0, 3: 3.0, 1: 2.0, 2: 1.0},
}
TABLES = Tables(visitors=sparse(4, ROWS))


def shortened(tables=TABLES, learned=LEARNED, **options):
    options = {"most": 100, "days": None, "as_of": NOW, **options}
    table = shorten(tables, learned, **options).visitors
    return [table.row(row)[0].tolist() for row in range(len(table))]


def test_so_many_new_items_stay_and_so_many_that_the_visitor_has():
    assert shortened(most=1) == [[1, 4], [5, 1], [], [0, 1]]
    assert shortened(most=2) == [[1, 4, 2, 5], [5, 1], [], [0, 3, 1, 2]]
    assert shortened() == [[1, 4, 2, 5, 0, 3], [5, 1], [], [0, 3, 1, 2]]


def test_the_values_stay_with_their_items():
    table = shorten(TABLES, LEARNED, most=2, days=None, as_of=NOW).visitors
    assert table.row(0)[1].tolist() == [6.0, 5.0, 4.0, 3.0]


def test_who_was_not_here_for_long_has_no_list():
    assert shortened(days=3) == [[1, 4, 2, 5, 0, 3], [], [], [0, 3, 1, 2]]
    assert shortened(days=2)[3] == [0, 3, 1, 2]
    assert shortened(days=1) == [[1, 4, 2, 5, 0, 3], [], [], []]
    timeless = replace(LEARNED, times=None)
    assert shortened(learned=timeless, days=1) == shortened()


def test_both_tables_are_shortened_and_the_rest_is_kept():
    both = Tables(visitors=TABLES.visitors, repeats=TABLES.visitors, weights=TABLES.visitors, prior_share=0.3)
    made = shorten(both, LEARNED, most=1, days=None, as_of=NOW)
    assert made.repeats.indices.tolist() == made.visitors.indices.tolist() == [1, 4, 5, 1, 0, 1]
    assert made.weights is both.weights
    assert made.prior_share == 0.3
    none = Tables()
    assert shorten(none, LEARNED, most=1, days=None, as_of=NOW) is none


def test_empty_tables():
    none = Tables(visitors=sparse(4, {}))
    assert shortened(none) == [[], [], [], []]
    assert list_bytes(none) == list_bytes(Tables()) == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_same_as_the_definition(seed):
    random = np.random.default_rng(seed)
    visitors, items = random.integers(0, 9, 40).astype(np.int32), random.integers(0, 30, 40).astype(np.int32)
    learned = Interactions(visitors, items, np.ones(40, np.float32), 9, 30)
    rows = {
        row: {int(c): float(v) for c, v in zip(random.permutation(30)[:20], random.random(20), strict=True)}
        for row in range(9)
        if row != 4
    }
    owned = set(zip(visitors.tolist(), items.tolist(), strict=True))
    wanted = []
    for row in range(9):
        best = sorted(rows.get(row, {}), key=lambda item: -rows[row][item])
        has, new = ([i for i in best if ((row, i) in owned) == own] for own in (True, False))
        wanted.append([i for i in best if i in {*has[:3], *new[:3]}])
    assert shortened(Tables(visitors=sparse(9, rows)), learned, most=3) == wanted


def test_the_size_is_that_of_the_packed_rows():
    assert list_bytes(TABLES) == sum(len(payload) for _, payload in pack_rows(TABLES.visitors))


@pytest.fixture
def shop(db):
    busy_shop()
    return Clock()


def test_a_rebuild_stores_them_and_says_how_large_they_are_before(shop, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "VISITOR_ITEMS": 3}
    trained = rebuild(clock=shop, aliases=["user-knn"])["recommenders"]["user-knn"]
    build = Build.objects.get()
    rows = VisitorRow.objects.filter(build=build, table=VisitorRow.Table.VISITORS)
    assert build.visitor_rows == rows.count() == 60
    assert trained["bytes"] == build.bytes <= trained["expected_bytes"]
    assert build.visitor_bytes == sum(len(row.payload) for row in rows)
    assert {len(row.payload) for row in rows} <= {12 + 6 * entries for entries in range(1, 7)}


def test_only_visitors_of_the_last_days_have_one(shop, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "VISITOR_DAYS": 30}
    rebuild(clock=shop, aliases=["user-knn"])
    stored = Build.objects.get().visitor_rows
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "VISITOR_DAYS": None}
    rebuild(clock=shop, aliases=["user-knn"])
    assert 0 < stored < Build.objects.latest("pk").visitor_rows == 60


def test_a_slot_may_name_it_and_a_rebuild_then_learns_it(shop, settings):
    slots = {"for_you": {"RECOMMENDER": "user-knn"}}
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "SLOTS": slots}
    assert rebuild(clock=shop)["recommenders"]["user-knn"]["state"] == "ready"
