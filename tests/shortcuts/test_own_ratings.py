"""What the shopper said, in all browsers, and how it is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from personalization.engine.types import Identity, IdentityKind, ItemRecord
from personalization.models import Item, Rating
from personalization.shortcuts import my_ratings, take_rating_back
from personalization.store.items import item_ids, upsert_items
from personalization.store.people import join_visitor
from personalization.store.ratings import StoredRating, save_rating
from personalization.store.visitors import ensure_visitors
from tests.people import make_person

NOW = 1_700_000_000_000_000


@pytest.fixture
def ann(db: None, savepoints_are_free: None) -> Any:
    upsert_items([ItemRecord("mug"), ItemRecord("jug")], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    return make_person("ann")


def request_of(user: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


def say(who: Identity, item: str, value: int, *, at: int = NOW, text: str = "", tenant: str = "") -> int:
    (visitor,) = ensure_visitors(who.kind, [who.key], tenant=tenant, now=NOW).values()
    rating = StoredRating(item=item, value=value, low=1, high=5, text=text, rated_at=at)
    save_rating(rating, visitor=visitor, item=item_ids([item], tenant="")[item], tenant=tenant)
    return visitor


def account(user: Any) -> Identity:
    return Identity(IdentityKind.USER, str(user.pk))


def test_the_newest_comes_first(ann: Any) -> None:
    say(account(ann), "mug", 4, text="Holds tea")
    say(account(ann), "jug", 2, at=NOW + 1)
    found = [(one.item, one.value, one.text) for one in my_ratings(request_of(ann))]
    assert found == [("jug", 2, ""), ("mug", 4, "Holds tea")]
    assert [one.moment.year for one in my_ratings(request_of(ann))] == [2023, 2023]


def test_what_was_said_in_a_browser_before_signing_in_is_among_them_once(ann: Any) -> None:
    person = say(account(ann), "mug", 4)
    browser = say(Identity(IdentityKind.VISITOR, "b" * 22), "mug", 1, at=NOW + 1)
    assert join_visitor(browser, person=person)
    assert [one.value for one in my_ratings(request_of(ann))] == [1]
    assert take_rating_back(request_of(ann), "mug")
    assert not Rating.objects.exists()


def test_one_product_is_read_by_itself(ann: Any, django_assert_num_queries: Any) -> None:
    say(account(ann), "mug", 4)
    say(account(ann), "jug", 2)
    with django_assert_num_queries(1):
        assert [one.value for one in my_ratings(request_of(ann), "mug")] == [4]
    assert my_ratings(request_of(ann), "nothing") == ()
    assert my_ratings(request_of(ann), "x" * 300) == ()


def test_reading_takes_one_statement(ann: Any, django_assert_num_queries: Any) -> None:
    say(account(ann), "mug", 4)
    say(account(ann), "jug", 4)
    with django_assert_num_queries(1):
        assert len(my_ratings(request_of(ann))) == 2


def test_taking_back_is_about_one_item_and_may_be_repeated(ann: Any) -> None:
    say(account(ann), "mug", 4)
    say(account(ann), "jug", 2)
    assert take_rating_back(request_of(ann), "mug")
    assert not take_rating_back(request_of(ann), "mug")
    assert [one.item for one in my_ratings(request_of(ann))] == ["jug"]


@pytest.mark.parametrize("item", ["nothing", "", "x" * 300, None])
def test_what_nobody_rated_cannot_be_taken_back(ann: Any, item: Any) -> None:
    say(account(ann), "mug", 4)
    assert not take_rating_back(request_of(ann), item)
    assert Rating.objects.count() == 1


def test_nobody_sees_or_takes_what_somebody_else_said(ann: Any) -> None:
    say(account(ann), "mug", 4)
    for other in (make_person("bob"), AnonymousUser()):
        assert my_ratings(request_of(other)) == ()
        assert not take_rating_back(request_of(other), "mug")
    assert Rating.objects.count() == 1


def test_another_tenant_is_another_shop(ann: Any) -> None:
    say(account(ann), "mug", 4, tenant="other")
    assert my_ratings(request_of(ann)) == ()
    assert not take_rating_back(request_of(ann), "mug")
