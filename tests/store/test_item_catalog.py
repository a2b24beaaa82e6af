from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from personalization.engine.catalog import UNKNOWN_TIME
from personalization.engine.types import ItemRecord
from personalization.store.item_catalog import held_catalog, read_catalog
from personalization.store.items import IMPORTED, upsert_items

NOW = 1_700_000_000_000_000

pytestmark = pytest.mark.django_db


def store(*records: ItemRecord, tenant: str = "") -> None:
    for record in records:  # one by one: ids tell which is newer
        upsert_items([record], tenant=tenant, origin=IMPORTED, now=NOW)


def test_what_rows_say_stands_in_columns_the_newest_first() -> None:
    store(
        ItemRecord("lamp", "Lamp", "Home", "9.50", "EUR", ("gift", "red"), brand="Acme", listed_at=NOW),
        ItemRecord("mug", "Mug", attributes={"size": "5"}, stock=Decimal(0)),
        ItemRecord("gone", active=False),
    )
    read = read_catalog(tenant="")
    catalog = read.catalog
    assert read.keys == ("gone", "mug", "lamp")
    assert read.ids.tolist() == sorted(read.ids.tolist(), reverse=True)
    assert read.for_sale.tolist() == [False, False, True]
    assert catalog.titles == ("", "Mug", "Lamp")
    assert catalog.tags == ((), (), ("gift", "red"))
    assert catalog.categories == ("", "", "Home")
    assert catalog.brands == ("", "", "Acme")
    assert catalog.attributes == ({}, {"size": "5"}, {})
    assert catalog.listed_at is not None
    assert catalog.listed_at.tolist() == [UNKNOWN_TIME, UNKNOWN_TIME, NOW]
    assert np.array_equal(catalog.prices, [np.nan, np.nan, 9.5], equal_nan=True)  # type: ignore[arg-type]


def test_prices_in_another_currency_than_most_are_not_compared() -> None:
    store(*[ItemRecord(key, price="5", currency="EUR") for key in "ab"], ItemRecord("c", "", "", "40", "CNY"))
    prices = read_catalog(tenant="").catalog.prices
    assert np.array_equal(prices, [np.nan, 5.0, 5.0], equal_nan=True)  # type: ignore[arg-type]


def test_a_tenant_has_its_own_items() -> None:
    store(ItemRecord("a"), tenant="north")
    assert read_catalog(tenant="").keys == ()
    assert read_catalog(tenant="north").keys == ("a",)


def test_a_process_reads_it_again_when_something_changed(django_assert_num_queries: Any) -> None:
    store(ItemRecord("a"))
    held = held_catalog(tenant="")
    assert held.rows == {"a": 0}
    with django_assert_num_queries(1):
        assert held_catalog(tenant="") is held
    store(ItemRecord("b"))
    with django_assert_num_queries(2):
        assert held_catalog(tenant="").rows == {"b": 0, "a": 1}
