"""Items by requirements: what may not be shown never takes a place."""

import pytest

from personalization.engine.knowledge import read_wish
from personalization.engine.types import ItemRecord
from personalization.exceptions import InvalidInputError
from personalization.serving import advise
from personalization.store.items import IMPORTED, upsert_items
from personalization.store.sync import sync_items
from tests import goods as shelf
from tests.served import NOW

LAMPS = {"field": "category", "is": "Lamps"}
CHEAP = {"field": "price", "at_most": 20}


def ask(count=3, **asked):
    return advise(read_wish(asked), count=count)


def keys(advice):
    return "".join(item.key for item in advice.items)


def texts(told):
    return [one.text for one in told]


@pytest.fixture
def lamps(shop):
    """a … h are things; x, y and z are lamps, z the dearest and newest."""
    for key, price in (("x", "10"), ("y", "20"), ("z", "30")):
        shop.stock(key, category="Lamps", brand="Acme" if key == "y" else "")
        reprice(shop, key, price)
    return shop


def reprice(shop, key, price, **fields):
    record = ItemRecord(
        key, f"Item {key}", "Lamps", price, "EUR", brand="Acme" if key == "y" else "", **fields
    )
    upsert_items([record], tenant=shop.tenant, origin=IMPORTED, now=NOW)


def test_items_come_with_cards_and_say_what_they_meet(lamps):
    advice = ask(must=[LAMPS], should=[{"field": "brand", "is": "acme", "weight": 2}, CHEAP])
    assert keys(advice) == "yxz"
    first = advice.items[0]
    assert (first.card.title, first.card.price, first.score) == ("Item y", "20.00", 1.0)
    assert texts(first.satisfied) == ["Category: Lamps", "Brand: acme", "Price: at most 20"]
    assert texts(advice.items[2].violated) == ["Brand: acme", "Price: at most 20"]
    assert (advice.total, advice.relaxed, advice.alternatives) == (3, (), ())


def test_ties_go_to_the_newest(lamps):
    assert keys(ask(must=[LAMPS])) == "zyx"
    assert keys(ask(count=2, must=[LAMPS])) == "zy"


def test_what_had_to_be_given_up_is_told_and_what_could_have_been(lamps):
    advice = ask(must=[LAMPS, {"field": "price", "more_than": 50}])
    assert keys(advice) == "zyx"
    assert texts(advice.relaxed) == ["Price: more than 50"]
    assert advice.alternatives == ()
    advice = ask(must=[LAMPS, {"field": "price", "less_than": 10}])  # a … h cost 9.50
    assert [(texts(each.dropped), each.items) for each in advice.alternatives] == [(["Category: Lamps"], 8)]


def test_what_is_sold_out_is_not_found_and_musts_are_given_up_for_what_is_there(lamps):
    reprice(lamps, "x", "10", stock=0)
    assert keys(ask(must=[LAMPS])) == "zy"
    advice = ask(must=[LAMPS, {"field": "price", "at_most": 15}])
    assert keys(advice) == "zy"
    assert texts(advice.relaxed) == ["Price: at most 15"]


def test_cheaper_than_this_one(lamps):
    advice = ask(like="z", critiques=[{"field": "price", "change": "less"}])
    assert keys(advice) == "yx"
    assert texts(advice.items[0].satisfied) == ["Price: less than 30", "Category: Lamps"]


def test_an_item_that_there_is_not_is_refused(lamps):
    with pytest.raises(InvalidInputError) as refused:
        ask(like="nothing")
    assert refused.value.field == "like"


@pytest.mark.parametrize("count", [0, 101, "3"])
def test_a_count_beyond_the_limits_is_refused(lamps, count):
    with pytest.raises(InvalidInputError) as refused:
        ask(count=count)
    assert refused.value.field == "count"


def test_it_costs_one_statement_and_the_cards(lamps, django_assert_num_queries):
    ask(must=[LAMPS])
    with django_assert_num_queries(1):
        ask(must=[LAMPS])


@pytest.mark.django_db
@pytest.mark.usefixtures("goods")
def test_the_adapter_has_the_last_word():
    for n in range(30):
        shelf.put(f"k{n:02}", price=f"{n}.00")
    sync_items(tenant="", now=NOW)
    for n in range(20):
        shelf.put(f"k{n:02}", price=f"{n}.00", available=False)  # sold out since
    cheapest = {"field": "price", "better": "less"}
    assert [item.key for item in ask(utility=[cheapest]).items] == ["k20", "k21", "k22"]
    musts = [{"field": "price", "less_than": 20}, {"field": "price", "at_least": 0}]
    advice = ask(must=musts, utility=[cheapest])
    assert texts(advice.relaxed) == ["Price: less than 20"]
    assert [item.key for item in advice.items] == ["k20", "k21", "k22"]
