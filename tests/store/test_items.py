from decimal import Decimal

import pytest

from personalization.adapters import Adapter
from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.store.items import Stored, intern_items, item_ids, item_keys, upsert_items
from personalization.store.stamps import read_stamp

pytestmark = pytest.mark.django_db


def record(key, **values):
    return ItemRecord(key=key, **{"title": f"Title {key}", **values})


def store(*records, tenant="", now=1):
    return upsert_items(records, tenant=tenant, origin=Item.Origin.IMPORT, now=now)


def test_new_items_are_stored_and_known_ones_updated():
    assert store(record("a"), record("b")) == Stored(2, 0)
    assert store(record("b", title="New"), record("c")) == Stored(1, 1)
    assert dict(Item.objects.values_list("key", "title")) == {"a": "Title a", "b": "New", "c": "Title c"}


def test_only_new_items_take_a_number():
    """Else prices that change by the hour would use the numbers up."""
    store(record("a"))
    for price in "123":
        store(record("a", price=price))
    store(record("b"))
    first, second = Item.objects.order_by("key").values_list("pk", flat=True)
    assert second == first + 1


def test_of_several_records_with_one_key_the_last_holds():
    assert store(record("a", title="1"), record("a", title="2")) == Stored(1, 1)
    assert Item.objects.get().title == "2"


def test_all_that_a_record_says_is_kept():
    store(record("a", category="c", price="12.5", currency="EUR", tags=("x", "y"), url="/a", active=False))
    row = Item.objects.get()
    assert (row.category, str(row.price), row.currency) == ("c", "12.5000", "EUR")
    assert (row.tags, row.url, row.active) == (["x", "y"], "/a", False)


@pytest.mark.parametrize("price", ["", "free", "NaN", "1" * 12, "Infinity"])
def test_a_price_that_is_none_is_unknown(price):
    store(record("a", price=price))
    assert Item.objects.get().price is None


def test_facts_are_kept_and_change_nothing_when_they_are_told_again():
    facts = {"brand": "b" * 300, "attributes": {"color": "red"}, "listed_at": 1_500_000, "stock": 3}
    store(record("a", **facts))
    store(record("a", **facts), now=2)
    row = Item.objects.get()
    assert (row.brand, row.attributes, row.stock) == ("b" * 255, {"color": "red"}, 3)
    assert row.listed_at.timestamp() == 1.5
    assert read_stamp("catalog", tenant="") == 1


@pytest.mark.parametrize("stock", [None, Decimal("NaN"), Decimal("Infinity"), 10**9, -(10**9)])
def test_a_stock_that_is_none_is_unknown(stock):
    store(record("a", stock=stock))
    assert Item.objects.get().stock is None


def test_keys_that_collations_take_for_equal_are_different_items():
    keys = ["ABC1", "abc1", "cafe", "café", "k1", "k1 ", "00123", "123", "1e5", "9007199254740993"]
    store(*map(record, keys))
    found = item_ids(keys, tenant="")
    assert len(set(found.values())) == len(keys)
    assert item_keys(found.values(), tenant="") == {pk: key for key, pk in found.items()}


def test_tenants_never_mix():
    store(record("a"), tenant="one")
    assert item_ids(["a"], tenant="two") == {}
    assert item_keys(item_ids(["a"], tenant="one").values(), tenant="two") == {}


def test_the_catalog_stamp_grows_only_when_something_changed():
    store(record("a"))
    store(record("a"), now=2)
    assert read_stamp("catalog", tenant="") == 1
    store(record("a", title="New"))
    assert read_stamp("catalog", tenant="") == 2


def test_no_records_no_change():
    assert store() == Stored(0, 0)
    assert read_stamp("catalog", tenant="") == 0


def test_the_day_an_item_was_first_stored_stays():
    store(record("a"), now=1_000_000)
    store(record("a", title="New"), now=2_000_000)
    row = Item.objects.get()
    assert (row.created_at.timestamp(), row.updated_at.timestamp()) == (1, 2)


class Shop(Adapter):
    """A host that sells x and y."""

    asked: list[set[str]] = []

    def find_items(self, keys, tenant=""):
        self.asked.append(set(keys))
        return [record(key) for key in keys if key in {"x", "y"}]

    iter_items = cards = newest_keys = None


def test_unknown_keys_are_asked_of_the_adapter_once(settings):
    settings.PERSONALIZATION = {"ADAPTER": "tests.store.test_items.Shop"}
    Shop.asked.clear()
    store(record("a"))
    first = intern_items(["a", "x", "nothing"], tenant="", now=1)
    assert first.keys() == {"a", "x"}
    assert intern_items(["a", "x"], tenant="", now=1) == first
    assert Shop.asked == [{"x", "nothing"}]
    assert Item.objects.get(key="x").origin == Item.Origin.ADAPTER


def test_what_nobody_knows_is_left_out(settings):
    settings.PERSONALIZATION = {"ADAPTER": "tests.store.test_items.Shop"}
    assert intern_items(["nothing"], tenant="", now=1) == {}
    assert not Item.objects.exists()
