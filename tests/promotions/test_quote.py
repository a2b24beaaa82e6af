"""What a cart would get, and what is said of codes that give nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.engine.rules import Facts
from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.models import Coupon, Promotion
from personalization.store.promotion_content import State
from personalization.store.visitors import ensure_visitors
from tests.bad_inputs.cases import cases
from tests.promotions.ledger import ANN, ANNS_MAIL, MINUTE, NOW, held, running
from tests.promotions.shop import FROM_50, SIGNED_IN, asking, coupon, promotion, quote, said

pytestmark = pytest.mark.django_db

CODED = {"needs_code": True}


def test_a_code_unlocks_a_promotion_that_no_cart_gets_otherwise():
    coupon("SAVE-10", promotion(**CODED))
    assert quote(asking()).quote.applied == ()
    quoted = quote(asking("  save 10"))
    (applied,) = quoted.quote.applied
    assert (applied.code, applied.amount, quoted.quote.total) == ("save10", Decimal("4.00"), Decimal("36.00"))
    assert quoted.refused == ()


def test_the_best_of_automatic_ones_and_codes_applies():
    promotion(AmountOff(Decimal(5)))
    coupon("SAVE10", promotion(**CODED))
    coupon("SAVE20", promotion(PercentOff(Decimal(20)), **CODED))
    quoted = quote(asking("SAVE10", "SAVE20"))
    assert quoted.quote.discount == Decimal("8.00")
    assert said(quoted) == [("SAVE10", "beaten", "beaten")]


def test_a_code_typed_in_many_ways_is_one_code():
    coupon("SAVE10", promotion(**CODED), limit=None)
    quoted = quote(asking("save10", "SAVE 10", "sa-ve_10", "\uff33AVE10"))
    assert (quoted.quote.discount, quoted.refused) == (Decimal("4.00"), ())


def test_every_code_that_must_not_be_found_out_gets_one_answer():
    """Unknown, foreign, exhausted, over, not begun, paused, revoked, and with a rule about the shopper: no difference."""
    ann = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    plain = promotion(**CODED)
    coupon("FOREIGN", plain, owner=ann)
    coupon("EXHAUSTED", plain)
    Coupon.objects.update(taken=1)
    coupon("OVER", plain, expires_at=NOW)
    coupon("REVOKED", plain)
    Coupon.objects.filter(code="REVOKED").update(state=Coupon.State.REVOKED)
    coupon("GONE", promotion(limit_total=0, **CODED))
    coupon("SOON", promotion(starts_at=NOW + 1, **CODED))
    coupon("ENDED", promotion(ends_at=NOW, **CODED))
    coupon("PAUSED", promotion(state=State.PAUSED, **CODED))
    coupon("MEMBERS", promotion(rule=SIGNED_IN, **CODED))
    broken = promotion(**CODED)
    coupon("BROKEN", broken)
    Promotion.objects.filter(pk=broken).update(rule='{"kind":"no.such","op":"yes"}')
    codes = [
        "FOREIGN",
        "EXHAUSTED",
        "OVER",
        "REVOKED",
        "GONE",
        "SOON",
        "ENDED",
        "PAUSED",
        "MEMBERS",
        "BROKEN",
    ]
    quoted = [one for some in (codes[:5], codes[5:]) for one in quote(asking(*some)).refused]
    assert {(one.reason, one.failures) for one in quoted} == {("unknown", ())}
    assert {one.code: str(one.detail) for one in quoted} == {
        "FOREIGN": "not_yours",
        "EXHAUSTED": "exhausted",
        "OVER": "expired",
        "REVOKED": "revoked",
        "GONE": "exhausted",
        "SOON": "not_started",
        "ENDED": "expired",
        "PAUSED": "paused",
        "MEMBERS": "condition_failed",
        "BROKEN": "invalid_rule",
    }


@pytest.mark.parametrize("case", [case for case in cases("coupon") if case["field"] == "code"], ids=ascii)
def test_a_code_that_cannot_be_one_is_unknown(case):
    assert said(quote(asking(case["value"]))) == [(case["value"], "unknown", "unknown")]


def test_what_fails_only_on_the_cart_is_explained():
    coupon("BIG", promotion(rule=FROM_50, **CODED))
    coupon("YEN", promotion(AmountOff(Decimal(500)), currency="JPY", **CODED))
    promotion(rule=FROM_50)
    promotion(rule=SIGNED_IN)
    big, automatic, yen = sorted(
        quote(asking("BIG", "YEN")).refused, key=lambda one: (one.reason, one.code == "")
    )
    assert (big.code, big.reason, yen.reason) == ("BIG", "condition_failed", "currency")
    assert [failure.missing for failure in big.failures] == [Decimal("10.00")]
    assert (automatic.code, automatic.failures) == ("", big.failures)


def test_the_owner_of_a_coupon_is_told_the_truth_in_every_browser():
    visitors = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)
    ended = promotion(ends_at=NOW, rule=SIGNED_IN, **CODED)
    coupon("ANNS", ended, owner=visitors["ann"])
    assert said(quote(asking("ANNS", people=(ANN,)))) == [("ANNS", "expired", "expired")]
    assert said(quote(asking("ANNS", people=(Identity(IdentityKind.USER, "bob"),)))) == [
        ("ANNS", "unknown", "not_yours")
    ]


def test_a_coupon_whose_owner_is_gone_is_nobodys():
    ann = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    coupon("ANNS", promotion(**CODED), owner=ann)
    assert quote(asking("ANNS", people=(ANN,))).quote.discount == Decimal("4.00")
    Coupon.objects.update(owner=None)
    assert said(quote(asking("ANNS", people=(ANN,)))) == [("ANNS", "unknown", "not_yours")]


def test_codes_and_promotions_of_another_tenant_are_unknown():
    coupon("SAVE10", promotion(tenant="b", **CODED), tenant="b")
    promotion(tenant="b")
    quoted = quote(asking("SAVE10"))
    assert (quoted.quote.applied, said(quoted)) == ((), [("SAVE10", "unknown", "unknown")])
    assert quote(asking("SAVE10", tenant="b")).quote.discount == Decimal("4.00")


def test_limits_leave_out_reservations_that_have_run_out():
    one = running(limit_total=1, limit_person=1)
    held("old", one.pk, people=[ANNS_MAIL], limit_person=1)
    assert quote(asking()).quote.applied == ()
    later = NOW + 15 * MINUTE
    assert quote(asking(people=(ANN, ANNS_MAIL)), now=later).quote.discount == Decimal("4.00")


def test_a_person_who_used_it_up_under_another_key_does_not_get_it():
    one = running(limit_person=1)
    held("cart", one.pk, people=[ANNS_MAIL], limit_person=1)
    assert quote(asking(people=(ANN,))).quote.discount == Decimal("4.00")
    assert quote(asking(people=(ANN, ANNS_MAIL))).quote.discount == 0


def test_a_limit_for_each_person_needs_to_know_who_asks():
    coupon("SAVE10", promotion(**CODED, limit_person=1))
    promotion(limit_person=1)
    stranger = quote(asking("SAVE10"))
    assert (stranger.quote.applied, said(stranger)) == (
        (),
        [("SAVE10", "person_unknown", "person_unknown")],
    )
    assert quote(asking("SAVE10", people=(ANNS_MAIL,))).quote.discount == Decimal("4.00")


def test_rules_see_the_cart_and_the_codes():
    promotion(rule='{"kind":"context.code","op":"any_of","values":["welcome"]}')
    promotion(AmountOff(Decimal(1)), rule='{"kind":"cart.has_item","op":"any_of","values":["item-1"]}')
    assert quote(asking()).quote.discount == Decimal("1.00")
    assert quote(asking("Wel come")).quote.discount == Decimal("4.00")


def test_a_quote_takes_few_statements_however_many_promotions_there_are(django_assert_max_num_queries):
    for number in range(30):
        promotion(rule=FROM_50, title=f"{number}", limit_total=5, limit_person=1)
    coupon("SAVE10", promotion(**CODED, limit_total=5, limit_person=1))
    quote(asking())
    with django_assert_max_num_queries(5):
        assert quote(asking("SAVE10", people=(ANN, ANNS_MAIL))).quote.discount == Decimal("4.00")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"codes": ("x",) * 11}, "codes"),
        ({"people": (ANN,) * 11}, "people"),
        ({"people": (Identity(IdentityKind.USER, "\0"),)}, "people"),
    ],
)
def test_too_much_is_refused(wrong, field):
    with pytest.raises(InvalidInputError) as told:
        asking(**wrong, facts=Facts({}, now=0))
    assert told.value.field == field
