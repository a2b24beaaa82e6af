"""What was learned elsewhere is served like every other build."""

from __future__ import annotations

import numpy as np
import pytest

from personalization.contrib.publishing import publish_tables
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.tables import unpack_row
from personalization.exceptions import InvalidInputError
from personalization.models import Build, BuildRow, Item
from personalization.store.builds import live_builds
from personalization.testing import checkerboard
from tests.learning.shop import NOW, stock

pytestmark = pytest.mark.django_db
KEYS = [f"sku-{number}" for number in range(10)]


def tables():
    return ItemKNN().fit(checkerboard()).tables()


def stored(build, table, row):
    payload = BuildRow.objects.get(build_id=build, table=table, row=row).payload
    columns, values = unpack_row(bytes(payload))
    return dict(zip(columns.tolist(), values.tolist(), strict=True))


def test_it_goes_live_with_the_shops_own_items():
    stock(*KEYS)
    build = publish_tables(tables(), KEYS, alias="parquet", now=NOW)
    assert live_builds("") == {"parquet": build}
    vocabulary = BuildRow.objects.get(build_id=build, table=BuildRow.Table.VOCABULARY).payload
    ids = np.frombuffer(bytes(vocabulary), "<i4").tolist()
    assert [Item.objects.get(pk=pk).key for pk in ids] == KEYS
    columns, values = tables().weights.row(4)
    assert stored(build, BuildRow.Table.WEIGHTS, 4) == pytest.approx(
        dict(zip(columns.tolist(), values.tolist(), strict=True)), rel=1e-3
    )


def test_items_that_the_shop_does_not_know_are_left_out():
    stock(*KEYS[3:])
    build = publish_tables(tables(), KEYS, alias="parquet", now=NOW)
    assert Build.objects.get(pk=build).items == 7
    whole = dict(zip(*(part.tolist() for part in tables().neighbors.row(4)), strict=True))
    expected = {item - 3: value for item, value in whole.items() if item >= 3}
    assert stored(build, BuildRow.Table.NEIGHBORS, 1) == pytest.approx(expected, rel=1e-3)


def test_the_ranking_keeps_its_order():
    stock(*KEYS[3:])
    learned = Popularity().fit(checkerboard()).tables()
    build = publish_tables(learned, KEYS, alias="parquet", now=NOW)
    listed = list(stored(build, BuildRow.Table.RANKING, 0))
    assert listed == [item - 3 for item in learned.ranking.items.tolist() if item >= 3]


def test_a_shop_that_knows_nothing_of_it_publishes_nothing():
    with pytest.raises(InvalidInputError, match="keys"):
        publish_tables(tables(), KEYS, alias="parquet", now=NOW)
    assert not Build.objects.exists()


def test_keys_are_as_many_as_rows():
    with pytest.raises(InvalidInputError, match="each row"):
        publish_tables(tables(), KEYS[1:], alias="parquet", now=NOW)
