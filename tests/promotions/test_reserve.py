"""Holding what a cart gets: once per key, with every limit, and priced as it is held."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from personalization.engine.promotions import AmountOff
from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.models import Coupon, PersonUse, Promotion, Redemption, Visitor
from personalization.promotions import reserve as reserving
from personalization.promotions.result import HeldShare, HoldState
from personalization.store.limits import Counter
from personalization.store.promotion_content import State
from personalization.store.visitors import ensure_visitors
from tests.bad_inputs.cases import cases
from tests.promotions.ledger import ANN, ANNS_MAIL, MINUTE, NOW, counts_agree
from tests.promotions.shop import FROM_50, asking, coupon, promotion, reserve, said

pytestmark = pytest.mark.django_db

CODED = {"needs_code": True}


def test_it_holds_what_a_quote_says():
    one = promotion(limit_total=5, **CODED)
    coupon("SAVE10", one)
    result = reserve(asking("save-10", people=(ANN,)), minutes=30)
    held = result.held
    assert (result.ok, held.state, held.amount, held.currency) == (
        True,
        HoldState.RESERVED,
        Decimal("4.00"),
        "EUR",
    )
    assert (held.key, held.promotion, held.promotion_version, held.code) == ("cart-1", one, 1, "SAVE10")
    assert held.shares == (
        HeldShare("item-0×1@30.00#1", "item-0", Decimal("3.00")),
        HeldShare("item-1×1@10.00#1", "item-1", Decimal("1.00")),
    )
    assert held.reserved_until == NOW + 30 * MINUTE
    assert (Promotion.objects.get().taken, Coupon.objects.get().taken, PersonUse.objects.get().taken) == (
        1,
        1,
        1,
    )


def test_the_same_call_again_gets_the_same_answer_and_takes_nothing():
    promotion(limit_total=5)
    first = reserve(asking(people=(ANN,)))
    promotion(AmountOff(Decimal(9)))  # a better price since
    assert reserve(asking(people=(ANN,)), now=NOW + 5).held == first.held
    assert Redemption.objects.count() == 1
    late = reserve(asking(people=(ANN,)), now=NOW + 15 * MINUTE)
    assert late.held.state == HoldState.RUN_OUT


@pytest.mark.parametrize(
    "other",
    [{"prices": ("30.00", "10.01")}, {"people": (ANNS_MAIL,)}, {"people": ()}, {"codes": ("X",)}],
    ids=["body", "user", "nobody", "code"],
)
def test_another_request_under_a_key_is_refused(other: dict[str, Any]):
    """The catalog's `same key other body` and `same key other user`."""
    promotion()
    reserve(asking(people=(ANN,)))
    again = reserve(asking(*other.pop("codes", ()), **({"people": (ANN,)} | other)))
    assert (again.ok, said(again)) == (False, [("", "key_reused", "key_reused")])
    assert counts_agree()


def test_keys_are_of_a_tenant():
    promotion()
    promotion(tenant="b")
    assert reserve(asking()).held.promotion != reserve(asking(tenant="b")).held.promotion


def test_a_cart_that_gets_nothing_holds_nothing():
    promotion(rule=FROM_50)
    result = reserve(asking("NOTHING"))
    assert (result.ok, Redemption.objects.exists()) == (False, False)
    assert said(result) == [("NOTHING", "unknown", "unknown"), ("", "condition_failed", "condition_failed")]


def test_what_is_not_applied_is_told_beside_what_is_held():
    promotion()
    result = reserve(asking("WRONG"))
    assert (result.held.amount, said(result)) == (Decimal("4.00"), [("WRONG", "unknown", "unknown")])


def test_a_limit_that_is_lowered_below_what_is_taken_just_stops_it():
    one = promotion(limit_total=5)
    for key in ("a", "b", "c"):
        assert reserve(asking(), key).ok
    promotion(of=one, version=1, limit_total=2)
    assert not reserve(asking(), "d").ok
    assert Promotion.objects.get().taken == 3
    promotion(of=one, version=2, limit_total=4)
    assert reserve(asking(), "e").ok


def test_two_carts_of_a_person_get_it_once_whatever_they_are_known_by():
    promotion(limit_person=1)
    assert reserve(asking(people=(ANN, ANNS_MAIL)), "a").ok
    for number, people in enumerate([(ANN,), (ANNS_MAIL,), (ANNS_MAIL, ANN)]):
        assert not reserve(asking(people=people), f"{number}").ok
    renamed = Identity(IdentityKind.EMAIL, " Ann@Example.com")
    assert not reserve(asking(people=(renamed,)), "renamed").ok
    assert reserve(asking(people=(Identity(IdentityKind.USER, "bob"),)), "bob").ok


def test_uses_are_counted_also_before_there_is_a_limit():
    one = promotion()
    assert reserve(asking(people=(ANN,)), "a").ok
    promotion(of=one, version=1, limit_person=1, limit_total=9)
    assert not reserve(asking(people=(ANN,)), "b").ok


def test_spent_between_price_and_hold_is_refused_and_says_no_more_than_it_may(monkeypatch):
    coupon("SAVE10", promotion(**CODED))
    monkeypatch.setattr(reserving, "hold", lambda *args, **kwargs: Counter.COUPON)
    assert said(reserve(asking("SAVE10"))) == [("SAVE10", "unknown", "exhausted")]


def test_a_promotion_saved_between_price_and_hold_is_priced_again(monkeypatch):
    one = promotion()
    hold, calls = reserving.hold, []

    def saved_meanwhile(new, **kwargs):
        calls.append(new.amount)
        if len(calls) == 1:
            promotion(AmountOff(Decimal(7)), of=one, version=1)
        return hold(new, **kwargs)

    monkeypatch.setattr(reserving, "hold", saved_meanwhile)
    held = reserve(asking()).held
    assert calls == [Decimal("4.00"), Decimal("7.00")]
    assert (held.amount, held.promotion_version) == (Decimal("7.00"), 2)


def test_a_promotion_paused_between_price_and_hold_gives_nothing(monkeypatch):
    one = promotion()
    hold = reserving.hold

    def paused_meanwhile(new, **kwargs):
        if Promotion.objects.get().version == 1:
            promotion(of=one, version=1, state=State.PAUSED)
        return hold(new, **kwargs)

    monkeypatch.setattr(reserving, "hold", paused_meanwhile)
    assert not reserve(asking()).ok
    assert counts_agree()


def test_a_coupon_revoked_between_price_and_hold_gives_nothing(monkeypatch):
    coupon("SAVE10", promotion(**CODED))
    hold = reserving.hold

    def revoked_meanwhile(new, **kwargs):
        Coupon.objects.update(state=Coupon.State.REVOKED)
        return hold(new, **kwargs)

    monkeypatch.setattr(reserving, "hold", revoked_meanwhile)
    assert said(reserve(asking("SAVE10"))) == [("SAVE10", "unknown", "revoked")]
    assert counts_agree()


def test_what_the_database_refuses_is_raised(monkeypatch):
    promotion()

    def broken(*args, **kwargs):
        raise IntegrityError("of another kind")

    monkeypatch.setattr("personalization.promotions.hold.add_entry", broken)
    with pytest.raises(IntegrityError):
        reserve(asking())


def test_it_joins_the_transaction_of_the_caller():
    promotion(limit_total=1)
    with pytest.raises(RuntimeError), transaction.atomic():
        assert reserve(asking()).ok
        raise RuntimeError
    assert (Promotion.objects.get().taken, Redemption.objects.count()) == (0, 0)


def test_the_entry_is_tied_to_a_person_who_is_known_and_did_not_refuse(unasked):
    promotion()
    assert Visitor.objects.count() == 0
    reserve(asking(people=(ANN,)), "unknown")
    assert Visitor.objects.count() == 0  # nobody is made known by using a coupon
    ann = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    reserve(asking(people=(ANNS_MAIL, ANN)), "known")
    Visitor.objects.update(choice=Visitor.Choice.REFUSED)
    reserve(asking(people=(ANN,)), "refused")
    assert list(Redemption.objects.order_by("pk").values_list("visitor", flat=True)) == [None, ann, None]


def test_pricing_and_holding_take_few_statements(django_assert_max_num_queries):
    coupon("SAVE10", promotion(limit_total=5, limit_person=1, **CODED))
    with django_assert_max_num_queries(26):
        assert reserve(asking("SAVE10", people=(ANN,))).ok


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"minutes": 0}, "minutes"), ({"minutes": 10_081}, "minutes"), ({"order": "x" * 65}, "order")],
)
def test_what_is_wrong_is_named(wrong, field):
    with pytest.raises(InvalidInputError) as told:
        reserve(asking(), **wrong)
    assert told.value.field == field


@pytest.mark.parametrize(
    "case", [case for case in cases("coupon") if case["field"] == "idempotency_key"], ids=ascii
)
def test_any_text_is_a_key_or_refused(case):
    promotion()
    key = case["value"]
    try:
        first = reserve(asking(), key)
    except InvalidInputError as error:
        assert error.field == "key"
    else:
        assert reserve(asking(), key).held == first.held


#: In the catalog this is a percentage; as a price it is like any other.
A_PRICE = "100.01"


@pytest.mark.parametrize(
    "price",
    [case["value"] for case in cases("coupon") if case["field"] == "cart total" and case["value"] != A_PRICE],
    ids=ascii,
)
def test_a_price_that_is_none_never_becomes_a_cart(price):
    with pytest.raises(InvalidInputError):
        asking(prices=(price,))
