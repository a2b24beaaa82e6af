"""Limits are exact, however many processes take from them at once."""

from __future__ import annotations

from collections import Counter as Tally
from functools import partial

import pytest

from personalization.engine.types import Identity, IdentityKind
from personalization.models import PersonUse, Promotion, Redemption
from personalization.store.limits import Counter
from personalization.store.redemptions import Entry, redeem_entry, release_entry
from tests.promotions.ledger import ANN, ANNS_MAIL, MINUTE, NOW, counts_agree, coupon_of, held, running
from tests.promotions.shop import asking, coupon, promotion, reserve

State = Redemption.State


def outcomes(results):
    """How many entries, and how many of each counter that had nothing left."""
    return Tally("held" if isinstance(result, Entry) else result for result in results)


@pytest.mark.parametrize("attempt", range(3))
def test_a_limit_of_50_and_200_calls_give_exactly_50(at_once, attempt):
    promotion = running(limit_total=50)
    results = at_once([partial(held, f"cart-{number}", promotion.pk) for number in range(200)])
    assert outcomes(results) == {"held": 50, Counter.PROMOTION: 150}
    assert Promotion.objects.get().taken == Redemption.objects.count() == 50


def test_carts_that_are_priced_and_held_get_exactly_50(at_once):
    """The whole way, each with a code, a key that is sent twice, and a person."""
    coupon("SAVE10", promotion(limit_total=50, limit_person=1, needs_code=True), limit=None)
    buyers = [Identity(IdentityKind.USER, f"{number}") for number in range(80)]
    calls = [partial(reserve, asking("save-10", people=(one,)), f"cart-{one.key}") for one in buyers]
    results = at_once(calls + calls)
    held = [result.held for result in results if result.ok]
    assert len({one.key for one in held}) == Redemption.objects.count() == Promotion.objects.get().taken == 50
    assert {str(one.reason) for result in results if not result.ok for one in result.refused} == {"unknown"}
    assert counts_agree()


def test_a_coupon_has_a_limit_of_its_own(at_once):
    coupon = coupon_of(running(limit_total=50), limit=7)
    calls = [partial(held, f"{number}", coupon.promotion_id, coupon=coupon.pk) for number in range(64)]
    assert outcomes(at_once(calls)) == {"held": 7, Counter.COUPON: 57}
    assert counts_agree()


def test_a_person_gets_one_whatever_they_are_known_by(at_once):
    promotion = running(limit_person=1)
    ways = [[ANN], [ANNS_MAIL, ANN], [ANN, ANNS_MAIL]]
    calls = [
        partial(held, f"{number}", promotion.pk, people=ways[number % 3], limit_person=1)
        for number in range(48)
    ]
    results = outcomes(at_once(calls))
    assert results == {"held": 1, Counter.PERSON: 47}
    assert counts_agree()
    assert max(PersonUse.objects.values_list("taken", flat=True)) == 1


def test_a_key_that_is_used_at_once_gets_one_entry(at_once):
    promotion = running(limit_total=1)
    results = at_once([partial(held, "the cart", promotion.pk, people=[ANN]) for _ in range(32)])
    assert len(set(results)) == 1
    assert isinstance(results[0], Entry)
    assert counts_agree()
    assert Promotion.objects.get().taken == 1


def test_of_those_who_redeem_one_does_and_of_those_who_release_one_gives_back(at_once):
    promotion = running(limit_total=10)
    entries = [held(f"{number}", promotion.pk, people=[ANN]).id for number in range(8)]
    calls = [
        call
        for entry in entries
        for call in [
            partial(redeem_entry, entry, order="A1", now=NOW),
            partial(release_entry, entry, now=NOW),
        ]
        * 4
    ]
    at_once(calls)
    assert set(Redemption.objects.values_list("state", flat=True)) == {State.RELEASED}
    assert counts_agree()
    assert Promotion.objects.get().taken == 0


def test_what_has_run_out_is_freed_once_by_many_who_need_it(at_once):
    promotion = running(limit_total=20)
    for number in range(20):
        held(f"old-{number}", promotion.pk, people=[ANN])
    later = NOW + 20 * MINUTE
    results = at_once([partial(held, f"new-{number}", promotion.pk, now=later) for number in range(80)])
    assert outcomes(results) == {"held": 20, Counter.PROMOTION: 60}
    assert counts_agree()
    assert Redemption.objects.filter(state=State.EXPIRED).count() == 20


def test_what_runs_out_meanwhile_is_redeemed_or_freed_but_not_both(at_once):
    promotion = running(limit_total=16)
    entries = [held(f"{number}", promotion.pk, people=[ANN]).id for number in range(16)]
    last, late = NOW + 15 * MINUTE - 1, NOW + 15 * MINUTE
    redeems = [partial(redeem_entry, entry, order="A1", now=last) for entry in entries]
    wants = [partial(held, f"new-{number}", promotion.pk, now=late) for number in range(32)]
    at_once([call for pair in zip(redeems, wants, strict=False) for call in pair] + wants[16:])
    assert counts_agree()
    assert Promotion.objects.get().taken <= 16
