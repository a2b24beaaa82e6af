"""What everybody said of an item, read for a page of the shop."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from personalization.engine.types import Identity, IdentityKind, ItemRecord
from personalization.models import Item, Visitor
from personalization.shortcuts import average_ratings, ratings_of
from personalization.store.items import item_ids, upsert_items
from personalization.store.people import join_visitor
from personalization.store.ratings import StoredRating, save_rating
from personalization.store.visitors import ensure_visitors

NOW = 1_700_000_000_000_000
BROWSER = Identity(IdentityKind.VISITOR, "b" * 22)


@pytest.fixture(autouse=True)
def items(db: None, settings: Any, savepoints_are_free: None) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "RATING_SCALE": (1, 5)}
    upsert_items([ItemRecord("mug"), ItemRecord("jug")], tenant="", origin=Item.Origin.IMPORT, now=NOW)


def user(key: str) -> Identity:
    return Identity(IdentityKind.USER, key)


def say(
    who: Identity,
    value: int,
    text: str = "",
    *,
    item: str = "mug",
    at: int = NOW,
    scale: tuple[int, int] = (1, 5),
    tenant: str = "",
) -> int:
    (visitor,) = ensure_visitors(who.kind, [who.key], tenant=tenant, now=NOW).values()
    low, high = scale
    rating = StoredRating(item=item, value=value, low=low, high=high, text=text, rated_at=at)
    save_rating(rating, visitor=visitor, item=item_ids([item], tenant="")[item], tenant=tenant)
    return visitor


def test_values_are_counted_and_texts_come_newest_first() -> None:
    say(user("1"), 5, "Holds tea")
    say(user("2"), 4, "Holds soup", at=NOW + 1)
    say(user("3"), 5)
    say(user("3"), 1, "Leaks", item="jug")
    given = ratings_of("mug")
    assert (given.counts, given.count, given.texts) == (((4, 1), (5, 2)), 3, 2)
    assert given.average == pytest.approx(14 / 3)
    assert [(one.value, one.text, one.user) for one in given.newest] == [
        (4, "Holds soup", "2"),
        (5, "Holds tea", "1"),
    ]
    assert given.newest[0].moment.year == 2023


def test_texts_are_turned_like_pages() -> None:
    for number in range(5):
        say(user(str(number)), 3, f"text {number}", at=NOW + number)
    assert [one.text for one in ratings_of("mug", count=2, start=2).newest] == ["text 2", "text 1"]
    assert ratings_of("mug", count=2, start=5).newest == ()
    assert ratings_of("mug", count=-1, start=-1).newest == ()


def test_what_was_said_on_another_scale_counts_on_the_present_one() -> None:
    for number, value in enumerate((0, 5, 9, 10)):
        say(user(str(number)), value, "so", scale=(0, 10))
    assert ratings_of("mug").counts == ((1, 1), (3, 1), (5, 2))
    assert sorted(one.value for one in ratings_of("mug").newest) == [1, 3, 5, 5]


def test_a_browser_has_no_user_until_it_belongs_to_one() -> None:
    browser = say(BROWSER, 3, "so so")
    assert [one.user for one in ratings_of("mug").newest] == [""]
    assert join_visitor(browser, person=say(user("7"), 3, item="jug"))
    assert [one.user for one in ratings_of("mug").newest] == ["7"]


def test_what_is_erased_is_gone() -> None:
    Visitor.objects.filter(pk=say(user("1"), 5, "Holds tea")).delete()
    assert ratings_of("mug").count == 0


@pytest.mark.parametrize("item", ["nothing", "", "x" * 300, None])
def test_what_nobody_rated_has_no_average(item: Any) -> None:
    say(user("1"), 5)
    given = ratings_of(item)
    assert (given.average, given.counts, given.texts, given.newest) == (None, (), 0, ())


def test_another_tenant_is_another_shop() -> None:
    say(user("1"), 5, tenant="other")
    assert ratings_of("mug").count == 0


def test_statements_do_not_grow_with_ratings(django_assert_num_queries: Any) -> None:
    for number in range(12):
        say(user(str(number)), 4, "Holds tea")
    with django_assert_num_queries(4):
        assert len(ratings_of("mug", count=12).newest) == 12


def test_averages_of_many_items_come_in_two_statements(django_assert_num_queries: Any) -> None:
    say(user("1"), 5)
    say(user("2"), 4)
    say(user("3"), 10, scale=(0, 10), item="jug")
    with django_assert_num_queries(2):
        found = average_ratings(["mug", "jug", "unknown"])
    assert {key: (one.average, one.count) for key, one in found.items()} == {"mug": (4.5, 2), "jug": (5, 1)}
    assert average_ratings([]) == {}


def test_a_page_goes_on_without_them() -> None:
    say(user("1"), 5, "Holds tea")
    with connection.execute_wrapper(out_of_order):
        assert ratings_of("mug").count == 0
        assert average_ratings(["mug"]) == {}
    assert ratings_of("mug").count == 1


def out_of_order(execute: Any, sql: str, *arguments: Any) -> Any:
    if sql.startswith("SELECT"):
        raise OperationalError("the disk is gone")
    return execute(sql, *arguments)
