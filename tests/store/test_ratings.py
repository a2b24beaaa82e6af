"""One row per visitor and item."""

from dataclasses import replace

import pytest
from django.db import connection

from personalization.engine.types import IdentityKind, ItemRecord
from personalization.models import Item, Rating
from personalization.store.items import item_ids, upsert_items
from personalization.store.ratings import (
    SavedRatings,
    StoredRating,
    delete_rating,
    find_rating,
    save_rating,
    save_ratings,
)
from personalization.store.visitors import ensure_visitors

NOW = 1_700_000_000_000_000
FIRST = StoredRating(item="mug", value=4, low=1, high=5, text="fine", rated_at=NOW)
SECOND = StoredRating(item="mug", value=1, low=0, high=10, text="", rated_at=NOW + 1)


@pytest.fixture
def pair(db: None) -> tuple[int, int]:
    """A visitor and an item."""
    upsert_items([ItemRecord("mug"), ItemRecord("jug")], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    (visitor,) = ensure_visitors(IdentityKind.USER, ["1"], tenant="", now=NOW).values()
    return visitor, item_ids(["mug"], tenant="")["mug"]


def save(rating: StoredRating, pair: tuple[int, int]) -> None:
    save_rating(rating, visitor=pair[0], item=pair[1], tenant="")


def test_what_is_saved_is_found(pair: tuple[int, int]) -> None:
    save(FIRST, pair)
    assert find_rating(pair[0], "mug", tenant="") == FIRST


def test_the_second_takes_the_place_of_the_first(pair: tuple[int, int]) -> None:
    save(FIRST, pair)
    save(SECOND, pair)
    assert find_rating(pair[0], "mug", tenant="") == SECOND
    assert Rating.objects.count() == 1


def test_one_statement_saves(pair: tuple[int, int], django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1, connection=connection):
        save(FIRST, pair)


@pytest.mark.parametrize(("visitor", "item", "tenant"), [(1, "mug", ""), (0, "jug", ""), (0, "mug", "other")])
def test_another_visitor_item_or_tenant_has_none(
    pair: tuple[int, int], visitor: int, item: str, tenant: str
) -> None:
    save(FIRST, pair)
    assert find_rating(pair[0] + visitor, item, tenant=tenant) is None
    assert not delete_rating(pair[0] + visitor, item, tenant=tenant)
    assert Rating.objects.count() == 1


def test_deleting_tells_whether_there_was_one(pair: tuple[int, int]) -> None:
    save(FIRST, pair)
    assert delete_rating(pair[0], "mug", tenant="")
    assert not delete_rating(pair[0], "mug", tenant="")
    assert Rating.objects.count() == 0


def test_many_are_saved_at_a_fixed_cost_and_never_over_a_later_one(
    pair: tuple[int, int], django_assert_num_queries: object
) -> None:
    save(SECOND, pair)
    other = pair[0], item_ids(["jug"], tenant="")["jug"]
    jug = replace(FIRST, item="jug")
    with django_assert_num_queries(2, connection=connection):
        done = save_ratings([(pair, FIRST), (other, jug), (other, replace(jug, value=5))], tenant="")
    assert done == SavedRatings(stored=1, updated=0, older=2)
    assert find_rating(pair[0], "mug", tenant="") == SECOND
    assert find_rating(pair[0], "jug", tenant="") == replace(jug, value=5)
