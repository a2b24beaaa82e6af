"""The ``coupon`` part of the catalog of bad inputs, sent to the API as a shopper, or as the shop's server where only that
may say it.

``misc`` cases have a test each: here, or where the ledger is tried by many processes.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.engine.types import Cart, CartLine
from personalization.models import Coupon, Promotion, Redemption
from personalization.shortcuts import quote, redeem, release, reserve
from tests.api.beacons import SERVER_KEY
from tests.bad_inputs.cases import cases
from tests.goods import GoodsAdapter
from tests.people import make_person
from tests.promotions.ledger import NOW, counts_agree
from tests.promotions.shop import coupon, promotion

if TYPE_CHECKING:
    from django.http import HttpResponse

URL = "/personalization/v1/offers/"
CODED = {"needs_code": True}
#: A right amount of money: the catalog means it for percentages.
RIGHT = {"100.01"}

#: What `misc` asks for → the test that does it.
MISC = {
    "starts>now by 1 s": "test_a_second_before_it_starts_it_does_not_hold",
    "ends==now": "test_at_its_end_it_is_over",
    "redeem during refund": "test_an_order_that_is_given_back_meanwhile_uses_nothing",
    "limit 50 with 200 callers": "tests.promotions.test_races.test_carts_that_are_priced_and_held_get_exactly_50",
    "per-user limit 1 with 50 callers of one user": (
        "tests.promotions.test_races.test_a_person_gets_one_whatever_they_are_known_by"
    ),
    "two carts one user": "test_two_carts_of_one_person_get_it_once",
    "negative line quantity": "test_no_line_has_less_than_nothing",
    "other currency": "test_a_cart_in_another_currency_gets_nothing",
    "percent 100 + fixed": "test_a_cart_never_costs_less_than_nothing",
    "stack A+B and B+A": "test_the_order_of_codes_does_not_matter",
    "coupon deleted mid-request": "test_a_coupon_that_goes_meanwhile_is_not_used",
    "limit lowered below used": "test_a_limit_lowered_below_what_is_used_just_ends_it",
    "20 wrong codes/min one IP": "test_after_twenty_wrong_codes_nobody_is_told_any_more",
    "code with case/space/dash variants": "test_one_code_is_written_in_many_ways",
}
KEYS = {
    "same key other body": "test_the_same_key_for_another_cart",
    "same key other user": "test_the_same_key_of_another_person",
    "same key 100x at once": "test_the_same_key_a_hundred_times_at_once",
}


class CartAdapter(GoodsAdapter):
    """A shop with one cart for everybody: 40.00 EUR."""

    def cart(self, request: HttpRequest) -> Cart:
        return Cart((CartLine("mug", "1", "40.00"),), "EUR")


SETTINGS = {"ADAPTER": f"{__name__}.CartAdapter", "SERVER_KEYS": [SERVER_KEY]}


@pytest.fixture
def shop(db: None, goods: None, settings: Any) -> None:
    settings.PERSONALIZATION = SETTINGS | {"THROTTLES": {"offers": None}}


def post(client: Client, path: str, body: Any, **headers: str) -> HttpResponse:
    return client.post(f"{URL}{path}/", json.dumps(body), content_type="application/json", headers=headers)


def hold(client: Client, key: str, *codes: str) -> HttpResponse:
    return post(client, "reserve", {"codes": list(codes)}, **{"idempotency-key": key})


def as_server(body: Any) -> HttpResponse:
    return post(Client(), "quote", body, authorization=f"Bearer {SERVER_KEY}")


def of(field: str) -> list[Any]:
    return [pytest.param(c["value"], id=f"{n}") for n, c in enumerate(cases("coupon")) if c["field"] == field]


def asking(user: Any = None) -> HttpRequest:
    request = HttpRequest()
    if user is not None:
        request.user = user
    return request


def test_every_case_is_mapped() -> None:
    known = Counter(case["field"] for case in cases("coupon"))
    assert known == {"code": 47, "cart total": 15, "misc": 14, "idempotency_key": 7}
    assert {case["value"] for case in cases("coupon") if case["field"] == "misc"} == MISC.keys()
    assert KEYS.keys() < {case["value"] for case in cases("coupon") if case["field"] == "idempotency_key"}
    for name in (*MISC.values(), *KEYS.values()):
        module, _, test = name.rpartition(".")
        assert callable(getattr(import_module(module or __name__), test))


# Codes.


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("value", of("code"))
def test_whatever_is_no_code_has_the_answer_of_a_code_that_nobody_issued(client: Client, value: str) -> None:
    coupon("SAVE10", promotion(**CODED))
    begun = time.monotonic()
    answers = [post(client, "quote", {"codes": [code]}) for code in ("NOBODY-ISSUED-THIS", value)]
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json()["refused"] for answer in answers]
    assert [one.pop("code") for (one,) in told] == ["NOBODY-ISSUED-THIS", value]
    assert told[0] == told[1]
    assert time.monotonic() - begun < 1
    assert answers[1]["Content-Type"] == "application/json"  # which no browser takes for a page
    assert not Redemption.objects.exists()


@pytest.mark.usefixtures("shop")
def test_one_code_is_written_in_many_ways(client: Client) -> None:
    coupon("SAVE10", promotion(**CODED), limit=None)
    for written in (
        "save10",
        " SAVE 10 ",
        "sa-ve_10",
        "Save\u201110",
        "\uff33\uff21\uff36\uff25\uff11\uff10",
    ):
        assert post(client, "quote", {"codes": [written]}).json()["discount"] == "4.00"
    assert post(client, "quote", {"codes": ["SAVE10", "save-10"]}).json()["refused"] == []


@pytest.mark.django_db
@pytest.mark.usefixtures("goods")
def test_after_twenty_wrong_codes_nobody_is_told_any_more(client: Client, settings: Any) -> None:
    settings.PERSONALIZATION = SETTINGS
    coupon("SAVE10", promotion(**CODED), limit=None)
    assert {post(client, "quote", {"codes": [f"G{n}"]}).status_code for n in range(20)} == {200}
    assert {post(client, "quote", {"codes": [code]}).status_code for code in ("G21", "SAVE10")} == {429}


# Keys.


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("value", [case for case in of("idempotency_key") if case.values[0] not in KEYS])
def test_what_cannot_be_a_key_is_refused(client: Client, value: str) -> None:
    promotion()
    response = hold(client, value)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["Idempotency-Key"]
    assert "X" not in response.headers
    assert not Redemption.objects.exists()


@pytest.mark.usefixtures("shop")
def test_the_same_key_for_another_cart(client: Client) -> None:
    coupon("SAVE10", promotion(**CODED), limit=None)
    first = hold(client, "k", "SAVE10")
    assert hold(client, "k").status_code == 409
    assert hold(client, "k", "SAVE10").json() == first.json()
    assert Promotion.objects.get().taken == 1


@pytest.mark.usefixtures("shop")
def test_the_same_key_of_another_person() -> None:
    promotion()
    ann, bob = Client(), Client()
    ann.force_login(make_person("ann"))
    bob.force_login(make_person("bob"))
    assert [hold(one, "k").status_code for one in (ann, bob, ann)] == [200, 409, 200]
    assert Redemption.objects.count() == 1


@pytest.mark.usefixtures("threads_db", "goods")
def test_the_same_key_a_hundred_times_at_once(settings: Any) -> None:
    settings.PERSONALIZATION = SETTINGS | {"THROTTLES": {"offers": None}}
    promotion(limit_total=100)

    def attempt(_: int) -> tuple[int, str]:
        try:
            response = hold(Client(), "k")
            return response.status_code, response.json()["held"]["key"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(attempt, range(100))) == {(200, "k")}
    assert (Redemption.objects.count(), Promotion.objects.get().taken) == (1, 1)


# Money.


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("value", of("cart total"))
def test_what_is_no_amount_is_refused(value: str) -> None:
    """The shop's server says what a piece costs; '' asks the card of the item, which there is none of."""
    promotion()
    response = as_server({"cart": {"currency": "EUR", "lines": [{"item": "pan", "unit_price": value}]}})
    if value in RIGHT:
        assert response.json()["subtotal"] == value
        return
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["unit_price"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("quantity", ["-1", "0", "-0", "1e3", "NaN"])
def test_no_line_has_less_than_nothing(quantity: str) -> None:
    promotion()
    line = {"item": "mug", "quantity": quantity, "unit_price": "1.00"}
    response = as_server({"cart": {"currency": "EUR", "lines": [line]}})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "quantity")


@pytest.mark.usefixtures("shop")
def test_a_cart_in_another_currency_gets_nothing(client: Client) -> None:
    coupon("YEN", promotion(AmountOff(Decimal(500)), currency="JPY", **CODED))
    answer = post(client, "quote", {"codes": ["YEN"]}).json()
    assert (answer["discount"], answer["refused"][0]["reason"]) == ("0.00", "currency")


@pytest.mark.usefixtures("shop")
def test_a_cart_never_costs_less_than_nothing(client: Client) -> None:
    coupon("ALL", promotion(PercentOff(Decimal(100)), **CODED))
    promotion(AmountOff(Decimal(500)))
    answer = post(client, "quote", {"codes": ["ALL"]}).json()
    assert (answer["discount"], answer["total"], len(answer["applied"])) == ("40.00", "0.00", 1)


@pytest.mark.usefixtures("shop")
def test_the_order_of_codes_does_not_matter(client: Client) -> None:
    coupon("A", promotion(**CODED))
    coupon("B", promotion(AmountOff(Decimal(5)), **CODED))
    answers = [post(client, "quote", {"codes": codes}).json() for codes in (["A", "B"], ["B", "A"])]
    assert answers[0] == answers[1]
    assert (answers[0]["discount"], answers[0]["refused"][0]["reason"]) == ("5.00", "beaten")


# Time and limits.


@pytest.mark.usefixtures("shop")
def test_a_second_before_it_starts_it_does_not_hold() -> None:
    promotion(starts_at=NOW + 1_000_000)
    assert quote(asking(), now=NOW).discount == 0
    assert not reserve(asking(), key="k", now=NOW).ok
    assert reserve(asking(), key="k", now=NOW + 1_000_000).ok


@pytest.mark.usefixtures("shop")
def test_at_its_end_it_is_over() -> None:
    promotion(ends_at=NOW)
    assert not reserve(asking(), key="k", now=NOW).ok
    assert reserve(asking(), key="k", now=NOW - 1).ok


@pytest.mark.usefixtures("shop")
def test_two_carts_of_one_person_get_it_once() -> None:
    ann = make_person("ann")
    promotion(limit_person=1)
    held = [reserve(asking(ann), key=key, email="ann@example.com", now=NOW).ok for key in ("1", "2")]
    assert held == [True, False]
    assert counts_agree()


@pytest.mark.usefixtures("shop")
def test_an_order_that_is_given_back_meanwhile_uses_nothing() -> None:
    """By eight processes at once: tests/promotions/test_races.py."""
    promotion(limit_total=1)
    reserve(asking(), key="k", now=NOW)
    release("k", now=NOW)
    assert not redeem("k", order="W1", now=NOW).ok
    assert not redeem("k", order="W1", now=NOW).ok
    assert (Promotion.objects.get().taken, counts_agree()) == (0, True)


@pytest.mark.usefixtures("shop")
def test_a_coupon_that_goes_meanwhile_is_not_used() -> None:
    """Coupons are never deleted but revoked: what is reserved then may still be redeemed, and nothing more reserved."""
    coupon("SAVE10", promotion(**CODED), limit=None)
    assert reserve(asking(), key="1", codes=["SAVE10"], now=NOW).ok
    Coupon.objects.update(state=Coupon.State.REVOKED)
    assert not reserve(asking(), key="2", codes=["SAVE10"], now=NOW).ok
    assert redeem("1", order="W1", now=NOW).ok
    assert counts_agree()


@pytest.mark.usefixtures("shop")
def test_a_limit_lowered_below_what_is_used_just_ends_it() -> None:
    promotion(limit_total=5)
    held = [reserve(asking(), key=f"{n}", now=NOW).ok for n in range(3)]
    Promotion.objects.update(limit_total=1)
    assert held == [True] * 3
    assert not reserve(asking(), key="4", now=NOW).ok
    assert redeem("0", order="W1", now=NOW).ok
    assert Promotion.objects.get().taken == 3
