"""What somebody bought before, to buy it again."""

import pytest

from personalization.engine.types import Identity, IdentityKind, Kind, Mode
from personalization.store.items import item_ids
from tests.served import ANNA, CATALOG, NOW, keys, reasons

BEN = Identity(IdentityKind.USER, "ben")


@pytest.fixture
def buyer(shop):
    shop.publish("popularity", ranking="hgfedcba")
    shop.buys("abcab")
    shop.does(Kind.VIEW, "d")
    return shop


def test_what_was_bought_more_often_and_later_comes_first_and_nothing_else(buyer):
    answer = buyer.ask("buy_again", count=8)
    assert keys(answer) == "bac"
    assert reasons(answer) == {key: ("bought_before", key) for key in "abc"}
    assert {item.text for item in answer.items} == {"You bought this before"}
    assert answer.mode is Mode.PERSONALIZED
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)


def test_pieces_of_one_order_count_once(shop):
    shop.buys("a", quantity="50")
    shop.buys("bb")
    assert keys(shop.ask("buy_again")) == "ba"


def test_long_ago_counts_less(shop):
    shop.clock = NOW - 700 * 86_400_000_000
    shop.buys("aa")
    shop.clock = NOW - 86_400_000_000
    shop.buys("b")
    assert keys(shop.ask("buy_again")) == "ba"


def test_what_was_given_back_hidden_or_sold_out_is_not_offered(buyer):
    buyer.does(Kind.REFUND, "aa")
    buyer.does(Kind.HIDE, "c")
    assert keys(buyer.ask("buy_again", count=8)) == "b"
    from personalization.models import Item

    Item.objects.filter(pk=item_ids("b", tenant="")["b"]).update(active=False)
    from personalization.store.catalog import forget_cards

    forget_cards()
    assert keys(buyer.ask("buy_again", count=8)) == ""


def test_nobody_knows_what_a_stranger_bought(buyer):
    assert keys(buyer.ask("buy_again", identity=None)) == ""
    assert keys(buyer.ask("buy_again", identity=BEN)) == ""


def test_filling_up_cannot_be_asked_for(buyer, settings):
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": {"buy_again": {"FILL": True}}}
    assert keys(buyer.ask("buy_again", count=8)) == "bac"


@pytest.mark.parametrize("table", ["repeats", "visitors"])
def test_the_list_of_the_live_build_says_what_comes_first(buyer, table):
    buyer.publish("repeat-purchase", **{table: {ANNA: {"d": 3.0, "c": 2.0, "h": 1.5, "a": 1.0}}})
    answer = buyer.ask("buy_again", count=8)
    assert keys(answer) == "cab"
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] > scores[2]


def test_a_long_history_keeps_what_was_bought_long_ago(shop, settings):
    settings.PERSONALIZATION = {**CATALOG, "HISTORY_LIMIT": 3}
    shop.buys("ab")
    shop.does(Kind.VIEW, "cde")
    assert keys(shop.ask("buy_again")) == "ba"
