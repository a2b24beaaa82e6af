"""The shopper's own coupons, and what each of them is good for."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext

from personalization.engine.types import Identity, IdentityKind
from personalization.models import Coupon, Promotion
from personalization.shortcuts import my_coupons, redeem, reserve
from personalization.store.promotion_content import State
from personalization.store.visitors import ensure_visitors
from tests.people import make_person
from tests.promotions.ledger import NOW, held
from tests.promotions.shop import FROM_50, SIGNED_IN, coupon, promotion
from tests.served import Shop
from tests.shortcuts.test_offers import BOUGHT_MUG, CODED, asking, shop

__all__ = ["shop"]
DAY = 86_400_000_000


@pytest.fixture
def ann(db: None) -> Any:
    return make_person("ann")


def visitor_of(user: Any) -> int:
    key = str(user.pk)
    return ensure_visitors(IdentityKind.USER, [key], tenant="", now=NOW)[key]


def request_of(user: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


def states(user: Any) -> dict[str, str]:
    return {one.code: one.state for one in my_coupons(request_of(user), now=NOW)}


def test_each_coupon_has_a_state_and_a_reason(ann):
    mine = {"owner": visitor_of(ann)}
    plain = promotion(title="Plain", **CODED)
    coupon("FREE", plain, **mine, expires_at=NOW + DAY)
    coupon("OVER", plain, **mine, expires_at=NOW)
    coupon("BACK", plain, **mine)
    Coupon.objects.filter(code="BACK").update(state=Coupon.State.REVOKED)
    coupon("SOON", promotion(starts_at=NOW + 1, **CODED), **mine)
    coupon("ENDED", promotion(ends_at=NOW, **CODED), **mine)
    coupon("PAUSED", promotion(state=State.PAUSED, **CODED), **mine)
    coupon("BUYERS", promotion(rule=BOUGHT_MUG, **CODED), **mine)
    coupon("MEMBERS", promotion(rule=SIGNED_IN, **CODED), **mine)
    coupon("BIG", promotion(rule=FROM_50, **CODED), **mine)
    coupon("USED", plain, **mine)
    Coupon.objects.filter(code="USED").update(taken=1)
    gone = promotion(limit_total=1, **CODED)
    coupon("GONE", gone, **mine)
    Promotion.objects.filter(pk=gone).update(taken=1)
    found = {one.code: (one.state, one.text) for one in my_coupons(request_of(ann), now=NOW)}
    assert found == {
        "FREE": ("usable", ""),
        "OVER": ("expired", "It is over."),
        "BACK": ("revoked", "It was taken back."),
        "SOON": ("not_started", "It does not hold yet."),
        "ENDED": ("expired", "It is over."),
        "PAUSED": ("paused", "It cannot be used at the moment."),
        "BUYERS": (
            "condition_failed",
            "It applies when the visitor bought the item “mug” in the last 365 days.",
        ),
        "MEMBERS": ("usable", ""),
        "BIG": ("usable", "It applies when the value of the cart is at least 50 EUR."),
        "USED": ("exhausted", "You have used it."),
        "GONE": ("exhausted", "It is used up."),
    }
    first = my_coupons(request_of(ann), now=NOW)[:3]
    assert [one.code for one in first] == ["BIG", "MEMBERS", "FREE"]
    assert first[2].title == "Plain"
    assert first[2].ends_at is not None
    assert int(first[2].ends_at.astimezone(UTC).timestamp()) == (NOW + DAY) // 1_000_000


def test_a_rule_with_an_alternative_for_the_cart_is_open(ann):
    either = f'{{"any":[{BOUGHT_MUG},{FROM_50}]}}'
    both = f'{{"all":[{BOUGHT_MUG},{FROM_50}]}}'
    mine = {"owner": visitor_of(ann)}
    Shop(["jug"]).buys(["jug"], identity=Identity(IdentityKind.USER, str(ann.pk)))
    coupon("EITHER", promotion(rule=either, **CODED), **mine)
    coupon("BOTH", promotion(rule=both, **CODED), **mine)
    assert states(ann) == {"EITHER": "usable", "BOTH": "condition_failed"}


def test_they_are_shown_to_their_owner_alone(ann):
    coupon("MINE", promotion(**CODED), owner=visitor_of(ann))
    coupon("ANYBODYS", promotion(**CODED))
    assert states(ann) == {"MINE": "usable"}
    assert states(make_person("bob")) == states(AnonymousUser()) == {}


def test_those_of_a_browser_follow_its_person(ann):
    ours = Shop(["mug"])
    browser = ensure_visitors(IdentityKind.VISITOR, ["b"], tenant="", now=NOW)["b"]
    coupon("BEFORE", promotion(**CODED), owner=browser)
    assert states(ann) == {}
    ours.join(browser, visitor_of(ann))
    assert states(ann) == {"BEFORE": "usable"}


def test_drafts_and_what_is_archived_are_nobodys_business(ann):
    for state in (State.DRAFT, State.ARCHIVED):
        coupon(state.name, promotion(state=state, **CODED), owner=visitor_of(ann))
    assert states(ann) == {}


def test_a_coupon_that_an_order_used_is_used(ann):
    coupon("ONCE", promotion(**CODED), owner=visitor_of(ann))
    reserve(asking(user=ann), key="W1", codes=["ONCE"], now=NOW)
    redeem("W1", order="W1", now=NOW)
    assert states(ann) == {"ONCE": "exhausted"}


def test_a_person_who_used_up_the_promotion_is_told(ann):
    used = promotion(limit_person=1, **CODED)
    coupon("AGAIN", used, owner=visitor_of(ann))
    held("x", used, people=[Identity(IdentityKind.USER, str(ann.pk))], limit_person=1)
    assert states(ann) == {"AGAIN": "used_up_by_person"}


@pytest.mark.usefixtures("savepoints_are_free")
def test_few_statements_however_many_coupons_there_are(ann):
    mine = {"owner": visitor_of(ann)}
    for number in range(20):
        coupon(f"C{number}", promotion(rule=BOUGHT_MUG, limit_total=5, limit_person=2, **CODED), **mine)
    Coupon.objects.filter(code="C1").update(taken=1)
    my_coupons(request_of(ann), now=NOW)
    with CaptureQueriesContext(connection) as captured:
        assert len(my_coupons(request_of(ann), now=NOW)) == 20
    assert len(captured) <= 6
    with CaptureQueriesContext(connection) as captured:
        assert my_coupons(request_of(make_person("bob")), now=NOW) == ()
    assert len([query for query in captured if "personalization" in query["sql"]]) == 1
