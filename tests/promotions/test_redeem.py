"""What is held is used by one order, or given back, exactly once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from personalization.exceptions import InvalidInputError
from personalization.models import Coupon, PersonUse, Promotion, Redemption
from personalization.promotions.redeem import redeem, release, release_order
from personalization.promotions.result import HoldState, LedgerCode
from tests.promotions.ledger import ANN, MINUTE, NOW, counts_agree
from tests.promotions.shop import asking, coupon, promotion, reserve, said
from tests.store.test_races import at_once

LAST = NOW + 15 * MINUTE - 1


def taken():
    return [model.objects.get().taken for model in (Promotion, Coupon, PersonUse)]


@pytest.fixture
def held(db):
    coupon("SAVE10", promotion(limit_total=3, limit_person=3, needs_code=True), limit=3)
    return reserve(asking("SAVE10", people=(ANN,))).held


def test_an_order_uses_what_was_held(held):
    used = redeem("cart-1", order="A1", now=LAST).held
    assert (used.state, used.order, used.amount, used.shares) == (
        HoldState.REDEEMED, "A1", held.amount, held.shares,
    )  # fmt: skip
    assert taken() == [1, 1, 1]
    assert redeem("cart-1", order="A1", now=LAST + MINUTE).held == used  # again, and late
    assert reserve(asking("SAVE10", people=(ANN,)), now=LAST + MINUTE).held == used


@pytest.mark.parametrize(
    ("key", "order", "now", "code"),
    [
        ("cart-1", "B2", NOW, LedgerCode.OTHER_ORDER),
        ("nobody", "A1", NOW, LedgerCode.UNKNOWN_KEY),
        ("", "A1", NOW, LedgerCode.UNKNOWN_KEY),
        ("a\0b", "A1", NOW, LedgerCode.UNKNOWN_KEY),
    ],
)
def test_nobody_else_uses_it(held, key, order, now, code):
    redeem("cart-1", order="A1", now=NOW)
    assert said(redeem(key, order=order, now=now)) == [("", code, code)]


def test_what_was_held_for_an_order_is_used_by_that_one(db):
    promotion()
    reserve(asking(), order="A1")
    assert said(redeem("cart-1", order="a1", now=NOW))[0][1] == "other_order"
    assert redeem("cart-1", order="A1", now=NOW).ok


def test_it_is_over_when_its_time_is(held):
    assert said(redeem("cart-1", order="A1", now=LAST + 1))[0][1] == "run_out"
    assert redeem("cart-1", order="A1", now=LAST).ok  # nobody needed it meanwhile


def test_it_is_given_back_once_reserved_or_used(held):
    reserve(asking("SAVE10", people=(ANN,)), "other")
    redeem("cart-1", order="A1", now=NOW)
    for key in ("cart-1", "other"):
        for _ in range(2):
            back = release(key, now=LAST + MINUTE).held
            assert (back.state, back.amount) == (HoldState.RELEASED, Decimal("4.00"))
    assert taken() == [0, 0, 0]
    assert said(redeem("other", order="A2", now=NOW))[0][1] == "released"
    assert said(release("nobody", now=NOW))[0][1] == "unknown_key"
    assert said(release("", now=NOW))[0][1] == "unknown_key"


def test_what_has_run_out_is_given_back_by_whoever_comes_first(held):
    later = LAST + 1
    promotion(of=held.promotion, version=1, limit_total=1, needs_code=True)
    assert reserve(asking("SAVE10"), "next", now=later).ok
    assert release("cart-1", now=later).held.state == HoldState.RUN_OUT
    assert Promotion.objects.get().taken == 1
    assert counts_agree()


def test_a_cancelled_order_gives_back_everything_of_its_own(held):
    redeem("cart-1", order="A1", now=NOW)
    assert reserve(asking("SAVE10", people=(ANN,)), "b", order="a1").ok
    (back,) = release_order("A1", now=NOW)
    assert (back.state, back.shares) == (HoldState.RELEASED, held.shares)
    assert release_order("nothing", now=NOW) == ()
    states = dict(Redemption.objects.values_list("order", "state"))
    assert states == {"A1": Redemption.State.RELEASED, "a1": Redemption.State.RESERVED}
    assert release_order("A1", tenant="b", now=NOW) == ()


@pytest.mark.parametrize("order", ["", "x" * 65, "a\0b"])
def test_an_order_has_a_key(db, order):
    with pytest.raises(InvalidInputError):
        redeem("cart-1", order=order, now=NOW)
    with pytest.raises(InvalidInputError):
        release_order(order, now=NOW)


def test_it_is_undone_with_the_order(held):
    with pytest.raises(RuntimeError), transaction.atomic():
        assert redeem("cart-1", order="A1", now=NOW).ok
        raise RuntimeError
    assert Redemption.objects.get().state == Redemption.State.RESERVED
    assert redeem("cart-1", order="B2", now=NOW).ok


def test_redeeming_writes_one_table(held):
    with CaptureQueriesContext(connection) as queries:
        redeem("cart-1", order="A1", now=NOW)
    written = [one["sql"] for one in queries if one["sql"].startswith("UPDATE")]
    assert all("personalization_redemption" in sql for sql in written if "stamp" not in sql)
    assert len(queries) <= 6


def test_others_hold_the_promotion_while_an_order_is_being_stored(threads_db):
    """The order's transaction is open and has redeemed: on every database the promotion's row stays free."""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    promotion(limit_total=9)
    reserve(asking())
    with transaction.atomic():
        assert redeem("cart-1", order="A1", now=NOW).ok
        (other,) = at_once(lambda: reserve(asking(), "other"))
        assert other.ok
