from decimal import Decimal

import pytest

from personalization.adapters import Page, get_adapter
from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.store import catalog
from personalization.store.items import upsert_items
from personalization.store.stamps import read_stamp
from tests.served import CATALOG, NOW, Shop


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    return Shop("abc")


def page(tenant=""):
    return Page(tenant=tenant, catalog_version=read_stamp("catalog", tenant=tenant))


def cards(keys, **options):
    return get_adapter().cards(keys, page(**options))


def test_a_card_is_what_was_imported(shop):
    (card,) = cards(["a"]).values()
    assert (card.key, card.title, card.url, card.price, card.currency) == (
        "a",
        "Item a",
        "/p/a",
        "9.50",
        "EUR",
    )
    assert card.eligible


def test_cards_cost_nothing_when_they_are_known(shop, django_assert_num_queries):
    where = page()
    with django_assert_num_queries(1):
        get_adapter().cards(["a", "b", "nowhere"], where)
    with django_assert_num_queries(0):
        assert set(get_adapter().cards(["a", "b"], where)) == {"a", "b"}


def test_a_changed_catalog_is_read_anew(shop):
    assert cards("a")["a"].eligible
    shop.stock("a", active=False)
    assert not cards("a")["a"].eligible


def test_a_page_that_does_not_know_the_version_keeps_nothing(shop):
    adapter = get_adapter()
    assert adapter.cards("a", Page())["a"].eligible
    Item.objects.filter(key="a").update(active=False)
    assert not adapter.cards("a", Page())["a"].eligible


def test_tenants_do_not_mix(shop):
    Shop("az", tenant="other")
    assert set(cards("az", tenant="other")) == {"a", "z"}
    assert set(cards("az")) == {"a"}


def test_a_process_keeps_a_bounded_number_of_cards(shop, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(catalog, "KEPT", 1)
    where = page()
    for key in "abc":
        get_adapter().cards([key], where)
    with django_assert_num_queries(0):
        get_adapter().cards("bc", where)
    with django_assert_num_queries(1):
        get_adapter().cards("a", where)


def test_many_keys_are_asked_for_in_parts(shop, monkeypatch):
    monkeypatch.setattr(catalog, "_LOOKUP", 2)
    assert set(cards(["a", "b", "c", "nowhere"])) == {"a", "b", "c"}
    assert {record.key for record in get_adapter().find_items(["a", "b", "c", "d"])} == {"a", "b", "c"}


def test_an_item_without_a_title_shows_its_key(db, settings):
    settings.PERSONALIZATION = CATALOG
    upsert_items([ItemRecord("bare")], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    (card,) = cards(["bare"]).values()
    assert (card.title, card.price) == ("bare", "")


@pytest.mark.parametrize(
    ("price", "text"), [("9.5", "9.50"), ("1200", "1200.00"), ("0.0125", "0.0125"), ("0", "0.00")]
)
def test_prices_are_decimal_text(db, settings, price, text):
    settings.PERSONALIZATION = CATALOG
    upsert_items([ItemRecord("x", price=price)], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    assert cards("x")["x"].price == text


def test_newest_first_and_only_what_is_for_sale(shop):
    shop.stock("b", active=False)
    assert get_adapter().newest_keys(5, page()) == ["c", "a"]
    assert get_adapter().newest_keys(1, page()) == ["c"]


def test_records_come_back_as_they_went_in(shop):
    record = ItemRecord(
        "t", "Tent", "tents/light", "120.00", "EUR", ("green", "light"), "/p/t", "/i/t", active=False
    )
    upsert_items([record], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    assert list(get_adapter().iter_items())[-1] == record
    assert get_adapter().find_items(["t", "nowhere"]) == [record]


def test_facts_come_back_as_they_went_in(db, settings):
    settings.PERSONALIZATION = CATALOG
    told = {"color": "Ärger", "size": "M"}
    record = ItemRecord(
        "t", "Tent", tags=("light",), brand="North", attributes=told, listed_at=NOW, stock=Decimal("2.5")
    )
    upsert_items([record, ItemRecord("bare")], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    assert get_adapter().find_items(["t"]) == [record]
    card, bare = (cards(["t", "bare"])[key] for key in ("t", "bare"))
    assert (card.brand, card.stock, card.tags, card.listed_at) == ("North", Decimal("2.5"), ("light",), NOW)
    assert card.attributes == told
    assert (bare.brand, bare.stock, bare.tags, bare.attributes, bare.listed_at) == ("", None, (), {}, None)


@pytest.mark.parametrize(
    ("stock", "shown"), [(None, True), (1, True), (Decimal("0.5"), True), (0, False), (-1, False)]
)
def test_what_an_import_says_is_sold_out_is_not_shown(shop, stock, shown):
    shop.stock("b", stock=stock)
    assert cards("b")["b"].eligible is shown
    assert ("b" in get_adapter().newest_keys(5, page())) is shown
    assert ("b" in get_adapter().eligible_keys("b", page())) is shown
