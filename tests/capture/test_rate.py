"""`rate()`: strict about what comes in, one row per visitor and item however many write at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from personalization.adapters import Page
from personalization.capture.rate import TEXT_LENGTH, rate
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Item, Rating, Visitor
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase
from personalization.store.ratings import StoredRating
from tests import goods as shelf
from tests.goods import GOODS, Goods, GoodsAdapter

NOW = 1_700_000_000_000_000
DAY = 86_400_000_000
ANN = Identity(IdentityKind.USER, "ann")
HIDDEN = "hidden"


class BuyersOnly(GoodsAdapter):
    def may_rate(self, identity: Identity, key: str, page: Page) -> bool:
        return identity.key == "buyer"


@pytest.fixture
def mug(db: None, goods: None) -> Goods:
    return products()


def products() -> Goods:
    shelf.put(HIDDEN, available=False)
    return shelf.put("mug")


def nothing_stored() -> bool:
    return not any(model.objects.exists() for model in (Rating, Event, Visitor, Item))


def refusal(item: Any = "mug", value: Any = 4, **options: Any) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        rate(ANN, item, value, now=NOW, **options)
    assert nothing_stored()
    return caught.value


def test_a_rating_is_stored_with_its_scale_and_an_event(mug: Goods) -> None:
    stored = rate(ANN, mug, 4, text="Nice <b>", now=NOW, store="de")
    assert stored == StoredRating(item="mug", value=4, low=1, high=5, text="Nice <b>", rated_at=NOW)
    row, event = Rating.objects.get(), Event.objects.get()
    assert (row.value, row.scale_low, row.scale_high, row.text) == (4, 1, 5, "Nice <b>")
    assert (event.kind, event.item_id, event.visitor_id, event.store) == (
        Kind.RATE,
        row.item_id,
        row.visitor_id,
        "de",
    )


def test_rating_again_takes_the_place_and_adds_one_event_a_day(mug: Goods) -> None:
    for value, now in [(1, NOW), (2, NOW + 1), (5, NOW + DAY)]:
        rate(ANN, "mug", value, now=now)
    assert Rating.objects.get().value == 5
    assert Event.objects.count() == 2


def test_tenants_do_not_mix(mug: Goods) -> None:
    rate(ANN, "mug", 1, now=NOW)
    rate(ANN, "mug", 5, now=NOW, tenant="b")
    assert sorted(Rating.objects.values_list("tenant", "value")) == [("", 1), ("b", 5)]
    assert Visitor.objects.count() == 2


@pytest.mark.parametrize("value", [True, 1.0, "1", "★★★★★", None, [], {}, "", float("nan")])
def test_only_whole_numbers_are_ratings(mug: Goods, value: object) -> None:
    error = refusal(value=value)
    assert (error.field, error.code) == ("value", "not_whole")


@pytest.mark.parametrize("value", [0, 6, -1, 2**31, 2**63, -(2**70)])
def test_the_scale_has_two_ends(mug: Goods, value: int) -> None:
    error = refusal(value=value)
    assert (error.field, error.code) == ("value", "off_scale")
    assert "1" in error.message
    assert "5" in error.message


@override_settings(PERSONALIZATION={**GOODS, "RATING_SCALE": (-1, 10)})
@pytest.mark.parametrize("value", [-1, 0, 10])
def test_the_scale_is_the_shops(mug: Goods, value: int) -> None:
    stored = rate(ANN, "mug", value, now=NOW)
    assert (stored.value, stored.low, stored.high) == (value, -1, 10)


@pytest.mark.parametrize("item", ["nothing", HIDDEN, "", "MUG", " mug", "a\0b", "\ud800", "x" * 256, 7, None])
def test_unknown_and_hidden_items_cannot_be_rated(mug: Goods, item: object) -> None:
    error = refusal(item=item)
    assert (error.field, error.code) == ("item", "unknown")


def test_the_shop_decides_who_may_rate(mug: Goods) -> None:
    with override_settings(PERSONALIZATION={"ADAPTER": f"{__name__}.BuyersOnly"}):
        assert refusal().field == "item"
        rate(Identity(IdentityKind.USER, "buyer"), "mug", 5, now=NOW)
        with pytest.raises(InvalidInputError):  # the shop allows it, but has no such product
            rate(Identity(IdentityKind.USER, "buyer"), "nothing", 5, now=NOW)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0b", "a\ufffdb"), ("\ud800", "\ufffd"), ("👩‍👧 e\u0301", "👩‍👧 e\u0301"), (" \t\n", " \t\n")],
)
def test_text_is_kept_as_it_is_except_for_what_no_database_stores(mug: Goods, text: str, kept: str) -> None:
    assert rate(ANN, "mug", 4, text=text, now=NOW).text == kept
    assert Rating.objects.get().text == kept


@pytest.mark.parametrize(
    ("text", "code"), [("x" * (TEXT_LENGTH + 1), "too_long"), (None, "not_text"), (5, "not_text")]
)
def test_text_has_a_type_and_a_limit(mug: Goods, text: object, code: str) -> None:
    error = refusal(text=text)
    assert (error.field, error.code) == ("text", code)


def test_who_does_not_want_to_be_known_cannot_rate(mug: Goods) -> None:
    choose(ANN, agreed=False, now=NOW)
    with pytest.raises(InvalidInputError) as caught:
        rate(ANN, "mug", 4, now=NOW)
    assert (caught.value.field, caught.value.code) == ("identity", "refused")
    assert not Rating.objects.exists()
    choose(ANN, agreed=True, now=NOW)
    assert rate(ANN, "mug", 4, now=NOW).value == 4


def test_who_was_erased_may_begin_anew(mug: Goods) -> None:
    rate(ANN, "mug", 4, now=NOW)
    erase([ANN], now=NOW + 1)
    with pytest.raises(InvalidInputError):  # a request that was late
        rate(ANN, "mug", 4, now=NOW)
    assert rate(ANN, "mug", 4, now=NOW + 2).value == 4


def test_fifty_ratings_at_once_are_one_row(threads_db: None, goods: None) -> None:
    products()

    def attempt(value: int) -> int:
        try:
            return rate(ANN, "mug", value, text=str(value), now=NOW + value).value
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(attempt, [1 + n % 5 for n in range(50)]))
    assert len(told) == 50
    row = Rating.objects.get()
    assert row.text == str(int(row.value))
    assert (Visitor.objects.count(), Item.objects.count(), Event.objects.count()) == (1, 1, 1)
