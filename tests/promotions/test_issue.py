"""Codes that the shop chooses, and codes that nobody guesses."""

from __future__ import annotations

from random import Random

import pytest

from personalization.engine.types import IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.models import Coupon
from personalization.promotions import issue as issuing
from personalization.promotions.issue import ALPHABET, CodesUsedUpError, issue, issue_many
from personalization.store.coupons import NewCoupons, normalize_code
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES
from personalization.store.visitors import ensure_visitors
from tests.promotions.ledger import NOW
from tests.promotions.shop import promotion

pytestmark = pytest.mark.django_db


@pytest.fixture
def new():
    return NewCoupons(promotion(needs_code=True))


def test_a_code_of_ones_own_is_issued_once_however_it_is_written(new):
    assert issue("Summer-10", new, now=NOW)
    assert not issue("SUMMER 10", new, now=NOW)
    assert issue("SUMMER1O", new, now=NOW)  # an O is no 0
    assert list(Coupon.objects.values_list("code", "limit", "owned")) == [
        ("Summer-10", 1, False),
        ("SUMMER1O", 1, False),
    ]
    assert issue("Summer-10", NewCoupons(promotion(tenant="b")), tenant="b", now=NOW)


def test_pages_that_keep_the_code_of_a_promotion_are_told_of_a_new_one(new):
    before = read_stamp(RULES, tenant="")
    assert issue("SUMMER", new, now=NOW)
    after = read_stamp(RULES, tenant="")
    assert after > before
    assert not issue("summer", new, now=NOW)
    assert read_stamp(RULES, tenant="") == after


def test_random_codes_are_long_readable_and_all_different(new):
    codes = issue_many(500, new, prefix="VIP-", now=NOW, random=Random(1))
    assert codes == issue_many(
        500, NewCoupons(promotion(tenant="b")), prefix="VIP-", tenant="b", now=NOW, random=Random(1)
    )
    assert len({normalize_code(code) for code in codes}) == 500 == Coupon.objects.filter(tenant="").count()
    assert all(
        code.startswith("VIP-") and len(code) == 16 and set(code[4:]) <= set(ALPHABET) for code in codes
    )
    assert not set(ALPHABET) & set("0O1IL5S8B2Z")


def test_codes_that_exist_are_not_issued_again(new):
    first = issue_many(200, new, now=NOW, random=Random(1))
    second = issue_many(200, new, now=NOW, random=Random(1))
    assert not set(first) & set(second)


def test_more_than_half_of_a_space_is_refused(new):
    issue_many(1_000, new, alphabet="AB", now=NOW)
    assert len(issue_many(1_048, new, alphabet="AB", now=NOW)) == 1_048
    with pytest.raises(InvalidInputError) as told:
        issue_many(1, new, alphabet="AB", now=NOW)
    assert told.value.field == "count"


def test_a_coupon_may_have_an_owner_an_end_and_many_uses(new):
    ann = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    issue("ANN", NewCoupons(new.promotion, limit=None, owner=ann, expires_at=NOW + 1), now=NOW)
    row = Coupon.objects.get()
    assert (row.limit, row.owner_id, row.owned, row.taken, row.state) == (
        None,
        ann,
        True,
        0,
        Coupon.State.ACTIVE,
    )


@pytest.mark.parametrize("code", ["", " ", "--", "x" * 65, "a\0b", "\ud800", "\u202eabc", "\ufdfa" * 60])
def test_what_cannot_be_a_code_is_refused(new, code):
    with pytest.raises(InvalidInputError) as told:
        issue(code, new, now=NOW)
    assert told.value.field == "code"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 100_001}, "count"),
        ({"length": 11}, "length"),
        ({"length": 60, "prefix": "SUMMER"}, "length"),
        ({"prefix": "\0"}, "prefix"),
        ({"alphabet": "A"}, "alphabet"),
        ({"alphabet": "Aa"}, "alphabet"),
        ({"alphabet": "A-"}, "alphabet"),
    ],
)
def test_what_is_wrong_with_many_is_named(new, wrong, field):
    with pytest.raises(InvalidInputError) as told:
        issue_many(**({"count": 1, "new": new, "now": NOW} | wrong))
    assert told.value.field == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"promotion": 0}, "promotion"), ({"limit": 0}, "limit"), ({"owner": 0}, "owner")],
)
def test_what_is_wrong_with_a_coupon_is_named(new, wrong, field):
    with pytest.raises(InvalidInputError) as told:
        issue("X", NewCoupons(**({"promotion": new.promotion} | wrong)), now=NOW)
    assert told.value.field == field
    with pytest.raises(InvalidInputError):
        issue("X", new, tenant="b", now=NOW)  # a promotion of another tenant


def test_all_are_issued_or_none(new, monkeypatch):
    monkeypatch.setattr(issuing, "add_coupons", lambda codes, *args, **kwargs: len(codes) - 1)
    with pytest.raises(CodesUsedUpError):
        issue_many(3, new, now=NOW)
    assert not Coupon.objects.exists()
