"""Products whose key does not count, whose prices and stock stand elsewhere, with variants and rows that stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db.models import Exists, F, OuterRef, Q

from personalization.adapters import DeclarativeAdapter, Page
from personalization.engine.instants import to_micros
from tests.adapters.bazaar import stored
from tests.adapters.bazaar.models import Floor, Good, Mark, Price, Shelf, Stock

if TYPE_CHECKING:
    from collections.abc import Callable

PARIS, SHANGHAI = Page(store="paris"), Page(store="shanghai")
CURRENCIES = {"paris": "EUR", "shanghai": "CNY"}
MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Bazaar(DeclarativeAdapter):
    product_model = "bazaar.Good"
    parent_field = "parent"
    title_field = "get_title"
    category_field = "shelf__floor__name"
    price_field = "prices__amount"
    currency_field = "prices__currency"
    image_field = "picture"
    tags_field = "marks"

    def row_q(self, relation: str, page: Page) -> Q:
        return Q(prices__currency=CURRENCIES[page.store]) if page.store else Q()

    def eligible_q(self, page: Page) -> Q:
        return Q(stock__market=page.store, stock__pieces__gt=0)


@pytest.fixture
def goods(bazaar: None) -> dict[str, Good]:
    """Hats in two sizes, priced in two currencies and stocked twice in Paris; a coat of which nothing is known; a rug
    that was deleted."""
    shelf = Shelf.objects.create(name="Hats", floor=Floor.objects.create(name="Ground"))
    hat = Good.objects.create(code="hat", shelf=shelf, picture="hats/hat.png", added_at=stored(MORNING))
    for currency, amount in (("EUR", 19.99), ("CNY", 150.0)):
        Price.objects.create(good=hat, currency=currency, amount=amount)
    for pieces in ("2.000", "0.500"):
        Stock.objects.create(good=hat, market="paris", pieces=pieces)
    hat.marks.add(Mark.objects.create(word="wool"), Mark.objects.create(word="new"))
    sizes = {
        f"hat-{size}": Good.objects.create(code=f"hat-{size}", parent=hat, added_at=stored(MORNING))
        for size in "sl"
    }
    coat = Good.objects.create(code="coat", added_at=stored(MORNING + timedelta(days=1)))
    rug = Good.objects.create(code="rug", added_at=stored(MORNING + timedelta(days=2)), is_deleted=True)
    for good in (coat, rug):
        Stock.objects.create(good=good, market="paris", pieces=1)
    return {"hat": hat, **sizes, "coat": coat, "rug": rug}


def key(good: Good) -> str:
    return str(good.pk)


def test_a_card_shows_the_price_of_its_page(goods: dict[str, Good]) -> None:
    hat = key(goods["hat"])
    paris, shanghai = (Bazaar().cards([hat], page)[hat] for page in (PARIS, SHANGHAI))
    assert (paris.title, paris.category, paris.image) == ("Hat", "Ground", "/hats/hat.png")
    assert (paris.price, paris.currency, paris.eligible) == ("19.99", "EUR", True)
    assert (shanghai.price, shanghai.currency, shanghai.eligible) == ("150", "CNY", False)


def test_what_is_not_there_is_empty(goods: dict[str, Good]) -> None:
    coat = key(goods["coat"])
    card = Bazaar().cards([coat], PARIS)[coat]
    assert (card.price, card.currency, card.category, card.image) == ("", "", "", "")


@pytest.mark.parametrize(
    "ask",
    [
        lambda adapter, keys: adapter.cards(keys, PARIS),
        lambda adapter, keys: adapter.eligible_keys(keys, PARIS),
        lambda adapter, keys: adapter.newest_keys(9, PARIS),
        lambda adapter, keys: adapter.canonical_keys(keys),
    ],
)
def test_every_question_is_one_statement(
    goods: dict[str, Good], ask: Callable[..., object], django_assert_num_queries: Any
) -> None:
    adapter, keys = Bazaar(), [key(good) for good in goods.values()]
    with django_assert_num_queries(1):
        assert ask(adapter, keys)


def test_learning_reads_goods_and_tags_in_two_statements(
    goods: dict[str, Good], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        records = {record.key: record for record in Bazaar().iter_items()}
    assert records.keys() == {key(goods[code]) for code in ("hat", "coat", "rug")}
    hat = records[key(goods["hat"])]
    assert (hat.title, hat.price, hat.currency, set(hat.tags)) == ("Hat", "19.99", "EUR", {"wool", "new"})
    assert [record.active for record in Bazaar().find_items(records)].count(False) == 1
    assert not records[key(goods["rug"])].active


def test_two_rows_of_stock_are_still_one_product(goods: dict[str, Good]) -> None:
    assert Bazaar().newest_keys(9, PARIS) == [
        key(goods["coat"]),
        key(goods["hat"]),
    ]  # newest first, once each
    assert Bazaar().newest_keys(9, SHANGHAI) == []


def test_what_was_deleted_has_no_card(goods: dict[str, Good]) -> None:
    rug = key(goods["rug"])
    assert Bazaar().cards([rug], PARIS) == {}
    assert Bazaar().eligible_keys([rug], PARIS) == set()


def test_what_is_deleted_can_be_said_otherwise(goods: dict[str, Good]) -> None:
    class Kept(Bazaar):
        deleted = Q(code="coat")

    assert set(Kept().cards(map(key, goods.values()), PARIS)) == {key(goods["hat"]), key(goods["rug"])}


def test_variants_stand_behind_their_product(goods: dict[str, Good]) -> None:
    hat, small = goods["hat"], goods["hat-s"]
    assert Bazaar().key_of(small) == Bazaar().key_of(hat) == key(hat)
    assert Bazaar().canonical_keys([key(small), key(hat), "nonsense"]) == {key(small): key(hat)}
    assert Bazaar().cards([key(small)], PARIS) == {}
    assert Bazaar().find_items([key(small)]) == []


def test_without_a_parent_field_every_row_stands_for_itself(goods: dict[str, Good]) -> None:
    class Flat(DeclarativeAdapter):
        product_model = "bazaar.Good"

    small = goods["hat-s"]
    assert Flat().key_of(small) == key(small)
    assert Flat().canonical_keys([key(small)]) == {}
    assert key(small) in Flat().cards([key(small)], PARIS)


@pytest.mark.parametrize("odd", ["", "\0", "x" * 300, "1", "hat", "{%s}", "urn:uuid:%s", "%s ", "\ud800"])
def test_keys_of_another_shape_are_left_out(goods: dict[str, Good], odd: str) -> None:
    hat = key(goods["hat"])
    asked = [odd % hat if "%s" in odd else odd, hat.upper(), hat.replace("-", ""), hat]
    for found in (Bazaar().cards(asked, PARIS), Bazaar().eligible_keys(asked, PARIS)):
        assert set(found) == {hat}
    assert [record.key for record in Bazaar().find_items(asked)] == [hat]


def test_text_keys_are_exact_on_every_database(goods: dict[str, Good]) -> None:
    class ByCode(Bazaar):
        key_field = "code"

    asked = ["HAT", "hat ", "hät", "HAT-S"]
    assert ByCode().find_items(asked) == []
    assert ByCode().cards(asked, PARIS) == {}
    assert ByCode().eligible_keys(asked, PARIS) == set()
    assert ByCode().canonical_keys(asked) == {}
    assert ByCode().canonical_keys(["hat-s"]) == {"hat-s": "hat"}


def test_a_condition_may_be_a_subquery(goods: dict[str, Good]) -> None:
    class Asked(Bazaar):
        def eligible_q(self, page: Page) -> Any:
            return Exists(Stock.objects.filter(good=OuterRef("pk"), pieces__gt=1))

    assert Asked().newest_keys(9, PARIS) == [key(goods["hat"])]


def test_a_fact_of_json_can_be_a_category(goods: dict[str, Good]) -> None:
    class Facts(Bazaar):
        category_field = "facts__season"

    Good.objects.filter(code="hat").update(facts={"season": "winter"})
    hat = key(goods["hat"])
    assert Facts().cards([hat], PARIS)[hat].category == "winter"


def test_a_moment_may_lack(goods: dict[str, Good]) -> None:
    class Undated(Bazaar):
        created_field = "shelf__floor__name"

    assert Undated().newest_keys(9, PARIS) == [key(goods["hat"]), key(goods["coat"])]  # nothing comes last


def test_a_price_may_be_worked_out(goods: dict[str, Good]) -> None:
    class Doubled(Bazaar):
        def card_queryset(self, page: Page) -> Any:
            return super().card_queryset(page).annotate(doubled=F("personalization_price") * 2)

        def price(self, product: Any, page: Page) -> str:
            return str(product.doubled)

    hat = key(goods["hat"])
    assert Doubled().cards([hat], PARIS)[hat].price == "39.98"


def test_keys_are_the_hosts_own_text(goods: dict[str, Good]) -> None:
    assert all(str(UUID(record.key)) == record.key for record in Bazaar().iter_items())


def test_facts_may_stand_elsewhere_too(goods: dict[str, Good], django_assert_num_queries: Any) -> None:
    class Facts(Bazaar):
        brand_field = "marks__word"
        stock_field = "stock__pieces"
        attribute_fields = {
            "floor": "shelf__floor__name",
            "market": "stock__market",
            "season": "facts__season",
        }

        def row_q(self, relation: str, page: Page) -> Q:
            return super().row_q(relation, page) if relation == "prices" else Q()

    Good.objects.filter(code="hat").update(facts={"season": "winter"})
    hat, coat = key(goods["hat"]), key(goods["coat"])
    with django_assert_num_queries(1):
        cards = Facts().cards([hat, coat], PARIS)
    assert cards[hat].attributes == {"floor": "Ground", "market": "paris", "season": "winter"}
    assert (cards[hat].brand, cards[hat].stock, cards[coat].brand, cards[coat].stock) == ("wool", 2, "", 1)
    assert cards[hat].listed_at == to_micros(MORNING)
    assert cards[hat].tags is None  # rows of tags would be a statement of their own
    (record,) = Facts().find_items([hat])
    assert (record.brand, record.listed_at, record.attributes) == (
        "wool",
        to_micros(MORNING),
        cards[hat].attributes,
    )
