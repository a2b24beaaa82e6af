"""New items: a run compares them with the whole catalog, and needs no event for it."""

import pytest

from personalization.engine.types import ItemRecord
from personalization.learning.due import run_due
from personalization.learning.rebuild import rebuild
from personalization.models import Build, Run
from personalization.store.builds import live_builds
from personalization.store.items import IMPORTED, upsert_items
from personalization.store.new_items import CONTENT, ask_for_neighbors
from tests import goods as shelf
from tests.learning.shop import NOW, Clock, busy_shop
from tests.served import CATALOG, Shop, keys, reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shop(settings):
    settings.PERSONALIZATION = CATALOG
    return Shop("")


def store(**titles):
    records = [ItemRecord(key, title, "Things") for key, title in titles.items()]
    upsert_items(records, tenant="", origin=IMPORTED, now=NOW)


def learn(clock):
    ask_for_neighbors(tenant="", now=clock())
    (done,) = run_due(clock=clock)
    assert (done.kind, done.error) == (CONTENT, "")


def test_a_shop_in_which_nothing_happened_yet_has_similar_items(shop, clock):
    store(a="red cotton dress", b="blue mug", c="red cotton skirt", d="large blue mug")
    learn(clock)
    answer = shop.ask("similar", item="a", count=1, identity=None)
    assert reasons(answer) == {"c": ("similar_item", "a")}
    assert answer.items[0].text == "Similar to red cotton dress"
    assert keys(shop.ask("similar", item="b", count=1, identity=None)) == "d"


def test_a_new_item_is_answered_for_where_the_slots_own_recommender_does_not_know_it(shop, clock):
    store(a="red mug", b="blue lamp", c="blue mug")
    shop.publish("item-cosine", keys="abc", neighbors={"a": {"b": 0.9}, "c": {"b": 0.2}})
    store(n="mug red with a handle")
    learn(clock)
    assert reasons(shop.ask("similar", item="n", count=1)) == {"a": ("similar_item", "n")}
    assert keys(shop.ask("similar", item="a", count=2)) == "bn"  # what is bought together comes first


def test_what_is_sold_out_is_no_similar_item(shop, clock):
    store(a="red mug", b="red mug", c="red mug with a handle")
    upsert_items([ItemRecord("b", "red mug", "Things", active=False)], tenant="", origin=IMPORTED, now=NOW)
    learn(clock)
    assert keys(shop.ask("similar", item="a", count=2)) == "c"


def test_of_what_is_called_alike_what_looks_alike_comes_first(shop, clock):
    looks = {"a": (0.9, 0.1), "b": (0.0, 1.0), "c": (0.8, 0.2), "d": (1.0,), "e": ()}
    records = [ItemRecord(key, "mug", picture_descriptor=look) for key, look in looks.items()]
    upsert_items(records, tenant="", origin=IMPORTED, now=NOW)
    learn(clock)
    found = keys(shop.ask("similar", item="a", count=4, identity=None))
    assert (found[0], found[-1]) == ("c", "b")
    assert set(found[1:-1]) == {"d", "e"}  # what is not known counts neither for nor against


def test_asking_twice_is_one_run(clock):
    for _ in range(2):
        ask_for_neighbors(tenant="", now=clock())
    assert Run.objects.filter(kind=CONTENT).count() == 1


def test_where_no_recommender_is_named_nothing_is_asked(settings, clock):
    ask_for_neighbors(tenant="", now=clock())
    settings.PERSONALIZATION = {**CATALOG, "NEW_ITEMS": ""}
    ask_for_neighbors(tenant="north", now=clock())
    assert Run.objects.get().tenant == ""
    assert run_due(clock=clock)[0].error == ""
    assert "NEW_ITEMS" in Run.objects.get().report["skipped"]
    assert live_builds("") == {}


def test_a_rebuild_that_meets_new_items_asks(settings, clock):
    shelf.put("mug")
    settings.PERSONALIZATION = shelf.GOODS
    try:
        busy_shop(people=4)
        rebuild(clock=clock, aliases=["popularity"])
        assert Run.objects.filter(kind=CONTENT).count() == 1
        run_due(clock=clock)
        rebuild(clock=clock, aliases=["popularity"])
        assert Run.objects.filter(kind=CONTENT).count() == 1
    finally:
        shelf.clear()


def test_where_a_slot_names_it_a_rebuild_learns_it_of_the_whole_catalog(shop, clock):
    store(a="red mug", b="red mug large", c="lamp")
    shop.buys("a")
    rebuild(clock=clock, aliases=["content"])
    assert Build.objects.get(alias="content").items == 3
    assert keys(shop.ask("similar", item="a", count=1)) == "b"
