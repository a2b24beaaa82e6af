"""What a newcomer may choose from: popular, of many categories, and for nobody who has a history."""

import pytest

from personalization.engine.types import Card, Identity, IdentityKind, ItemRecord, Kind, Query
from personalization.exceptions import InvalidInputError
from personalization.serving import first_choice
from personalization.serving.first_choice import spread
from personalization.store.items import IMPORTED, upsert_items
from tests.served import ANNA, NOW


def choose(count=3, identity=None):
    cards = first_choice(Query("", NOW, count=count, identity=identity))
    return "".join(card.key for card in cards)


@pytest.fixture
def popular(shop):
    """a and b are cups, c a lamp, d a book; a is the most popular."""
    for key, category in {"a": "cups", "b": "cups", "c": "lamps", "d": "books"}.items():
        upsert_items([ItemRecord(key, f"Item {key}", category)], tenant="", origin=IMPORTED, now=NOW)
    shop.publish("popularity-recent", ranking="abcd")
    return shop


def test_each_category_has_its_turn():
    cards = [Card(str(n), "", category=category) for n, category in enumerate("aabacb")]
    assert [card.key for card in spread(cards)] == ["0", "2", "4", "1", "5", "3"]


def test_popular_items_of_many_categories(popular):
    assert choose(3) == "acd"
    assert choose(4) == "acdb"


def test_what_is_sold_out_is_not_offered(popular):
    upsert_items([ItemRecord("a", category="cups", active=False)], tenant="", origin=IMPORTED, now=NOW)
    assert choose(3) == "bcd"


def test_where_nothing_is_popular_yet_the_newest_are_offered(shop):
    assert choose(3) == "hgf"


def test_who_has_a_history_is_not_asked(popular):
    assert choose(identity=ANNA) == "acd"
    popular.does(Kind.VIEW, "d")
    assert choose(identity=ANNA) == ""
    assert choose(identity=Identity(IdentityKind.USER, "ben")) == "acd"


def test_who_is_held_out_is_not_asked(popular, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "HOLDOUT_SHARE": 1}
    assert choose(identity=ANNA) == ""


@pytest.mark.parametrize("count", [0, 101, None])
def test_a_count_beyond_the_limits_is_refused(popular, count):
    with pytest.raises(InvalidInputError) as refused:
        choose(count)
    assert refused.value.field == "count"
