"""Rules about items in a slot's settings: what may be shown, and what comes first."""

import pytest

from personalization.engine.types import Query
from personalization.exceptions import InvalidInputError
from personalization.serving import get_slot, recommend_newest
from personalization.store.item_facts import facts_of_cards
from tests.served import CATALOG, NOW, Shop, keys

TENTS = {"kind": "item.category", "op": "any_of", "values": ["Tents"]}
CHEAP = {"kind": "item.price", "op": "less_than", "value": "5", "currency": "EUR"}


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    shop = Shop()
    shop.stock("aceg", category="Cups")
    shop.stock("bdfh", category="Tents")
    shop.publish("popularity-recent", ranking="abcdefgh")
    return shop


@pytest.fixture
def slot(settings):
    """Ask a slot with these options."""

    def declare(**options):
        settings.PERSONALIZATION = {**CATALOG, "SLOTS": {"popular": options}}
        return "popular"

    return declare


def test_a_filter_comes_before_the_cut_and_the_ladder_fills_up(shop, slot):
    assert keys(shop.ask(slot(FILTER=TENTS), count=3)) == "bdf"
    assert keys(shop.ask(slot(FILTER={"not": TENTS}), count=8)) == "aceg"


def test_far_down_candidates_are_found(shop, slot):
    many = [f"x{number:03}" for number in range(300)]
    shop.stock(many)
    shop.stock(["far"], category="Tents")
    shop.publish("popularity-recent", keys=[*many, "far"], ranking=[*many, "far"])
    assert [item.key for item in shop.ask(slot(FILTER=TENTS), count=1).items] == ["far"]


def test_what_cards_do_not_tell_matches_nothing(shop, slot):
    cheap = {"kind": "item.price", "op": "at_least", "value": "1", "currency": "USD"}
    assert keys(shop.ask(slot(FILTER=cheap))) == ""
    assert keys(shop.ask(slot(FILTER={"not": {"kind": "item.brand", "op": "any_of", "values": ["x"]}}))) == ""


def test_a_boost_reorders_before_the_cut(shop, slot):
    boosted = slot(BOOST=[{"WHEN": TENTS, "TIMES": 100}])
    assert keys(shop.ask(boosted, count=5)) == "bdfha"
    scores = [item.score for item in shop.ask(boosted, count=8).items]
    assert scores == sorted(scores, reverse=True)


def test_less_than_one_buries(shop, slot):
    assert keys(shop.ask(slot(BOOST=[{"WHEN": TENTS, "TIMES": 0.01}]), count=8)) == "acegbdfh"


def test_boosts_multiply(shop, slot):
    first = {"kind": "item.key", "op": "any_of", "values": ["h"]}
    boosts = [{"WHEN": TENTS, "TIMES": 2}, {"WHEN": first, "TIMES": 2}]
    assert keys(shop.ask(slot(BOOST=boosts), count=5))[0] == "h"


def test_a_slot_that_failed_filters_the_newest(shop, slot):
    answer = recommend_newest(Query(slot(FILTER=TENTS), NOW, count=8))
    assert sorted(keys(answer)) == ["b", "d", "f", "h"]


def test_slots_without_rules_look_at_no_facts(shop, slot, monkeypatch):
    monkeypatch.setattr("personalization.serving.item_rules.facts_of_cards", lambda cards: 1 / 0)
    assert keys(shop.ask(slot(), count=3)) == "abc"
    assert facts_of_cards({}) == {}


def test_rules_are_read_once(shop, slot):
    name = slot(FILTER=TENTS)
    assert get_slot(name).rules is get_slot(name).rules


@pytest.mark.parametrize(
    "options",
    [
        {"FILTER": {"kind": "visitor.orders", "op": "at_least", "value": 1}},
        {"FILTER": "text"},
        {"FILTER": {}},
        {"BOOST": TENTS},
        {"BOOST": [{"WHEN": TENTS}]},
        {"BOOST": [{"WHEN": TENTS, "TIMES": 0}]},
        {"BOOST": [{"WHEN": TENTS, "TIMES": 101}]},
        {"BOOST": [{"WHEN": TENTS, "TIMES": float("nan")}]},
        {"BOOST": [{"WHEN": TENTS, "TIMES": True}]},
        {"BOOST": [{"WHEN": TENTS, "TIMES": 2, "THEN": 1}]},
        {"BOOST": 7},
    ],
)
def test_what_is_wrong_makes_the_slot_wrong(shop, slot, options):
    with pytest.raises(InvalidInputError) as refused:
        shop.ask(slot(**options))
    assert refused.value.field == "slot"
