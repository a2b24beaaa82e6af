from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personalization.engine.catalog import UNKNOWN_TIME
from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.store import described
from personalization.store.described import describe_items
from personalization.store.items import item_ids, upsert_items

pytestmark = pytest.mark.django_db

NOW = 1_700_000_000_000_000


def store(*records, tenant=""):
    upsert_items(records, tenant=tenant, origin=Item.Origin.IMPORT, now=NOW)
    ids = item_ids([record.key for record in records], tenant=tenant)
    return [ids[record.key] for record in records]


def read_catalog(ids, *, tenant):
    return describe_items(ids, tenant=tenant).catalog(ids)


def test_a_catalog_says_what_the_rows_say():
    known = ItemRecord(
        key="a",
        title="An apple",
        category="fruit",
        price="1.25",
        tags=("red", "röd"),
        brand="Orchard",
        attributes={"size": "L"},
        listed_at=NOW,
    )
    ids = store(known, ItemRecord(key="b"))
    catalog = read_catalog(ids, tenant="")
    assert (catalog.titles, catalog.categories, catalog.brands) == (
        ("An apple", ""),
        ("fruit", ""),
        ("Orchard", ""),
    )
    assert (catalog.tags, catalog.attributes) == ((("red", "röd"), ()), ({"size": "L"}, {}))
    assert catalog.listed_at.tolist() == [NOW, UNKNOWN_TIME]
    np.testing.assert_equal(catalog.prices, [1.25, np.nan])


def test_items_come_in_the_order_that_was_asked_and_without_others():
    ids = store(*(ItemRecord(key=key, title=key.upper()) for key in "abc"))
    other = store(ItemRecord(key="a", title="of another shop"), tenant="b")
    assert read_catalog([ids[2], ids[0]], tenant="").titles == ("C", "A")
    assert read_catalog(ids[:1] + other, tenant="").titles == ("A", "")
    assert len(read_catalog(ids[:0], tenant="")) == 0


def test_the_highest_key_comes_first():
    ids = store(*(ItemRecord(key=key) for key in ("b", "B", "10", "9", "商")))
    other = store(ItemRecord(key="z"), tenant="b")
    items = describe_items(ids + other, tenant="")
    b, capital, ten, nine, chinese = ids
    assert items.highest_key_first(sorted(ids + other)) == [chinese, b, capital, nine, ten, *other]


def test_a_price_that_is_none_is_unknown():
    ids = store(ItemRecord(key="a", price="on request"), ItemRecord(key="b", price="0"))
    assert not Item.objects.filter(key="a", price__isnull=False)
    np.testing.assert_equal(read_catalog(ids, tenant="").prices, [np.nan, 0])
    assert Item.objects.get(key="b").price == Decimal(0)


def test_only_prices_of_one_currency_are_compared():
    """A hundred yen are no hundred euros: what most of the shop's prices are in speaks, others are unknown."""
    ids = store(
        ItemRecord(key="a", price="10", currency="EUR"),
        ItemRecord(key="b", price="10", currency="JPY"),
        ItemRecord(key="c", price="12", currency="EUR"),
        ItemRecord(key="d", price="1500", currency="JPY"),
        ItemRecord(key="e", price="9", currency="EUR"),
        ItemRecord(key="f", currency="JPY"),
        ItemRecord(key="g", currency="JPY"),
        ItemRecord(key="h", price="11"),
    )
    unknown = np.nan
    known = [10, unknown, 12, unknown, 9, unknown, unknown, 11]
    np.testing.assert_equal(read_catalog(ids, tenant="").prices, known)
    np.testing.assert_equal(read_catalog(ids[1:2], tenant="").prices, [unknown])
    assert len(read_catalog([], tenant="").prices) == 0


def test_a_few_statements_read_a_catalog_of_any_size(monkeypatch):
    monkeypatch.setattr(described, "BLOCK", 4)
    ids = store(*(ItemRecord(key=f"{number:02}", title=str(number)) for number in range(10)))
    with CaptureQueriesContext(connection) as queries:
        catalog = read_catalog(ids, tenant="")
    assert catalog.titles == tuple(map(str, range(10)))
    assert len(queries) == 4  # 4 + 4 + 2 rows, and none behind them
