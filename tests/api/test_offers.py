"""Offers through the API: the shopper's own cart, codes that cannot be guessed, and money for the server alone."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from personalization.engine.types import Cart, CartLine, IdentityKind
from personalization.models import Coupon, Promotion, Redemption
from personalization.store.visitors import ensure_visitors
from tests.api.beacons import SERVER_KEY
from tests.goods import GoodsAdapter
from tests.people import make_person
from tests.promotions.ledger import NOW, counts_agree
from tests.promotions.shop import FROM_50, coupon, promotion

URL = "/personalization/v1/offers/"
CODED = {"needs_code": True}
CART = {"currency": "EUR", "lines": [{"item": "mug", "quantity": "2", "unit_price": "20.00", "key": "7"}]}


class CartAdapter(GoodsAdapter):
    """A shop with one cart for everybody: 40.00 EUR."""

    def cart(self, request: HttpRequest) -> Cart:
        return Cart((CartLine("mug", "1", "10.00"), CartLine("jug", "1", "30.00")), "EUR")


@pytest.fixture(autouse=True)
def shop(db: None, goods: None, settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.CartAdapter", "SERVER_KEYS": [SERVER_KEY]}


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    text = json.dumps(body)
    return client.post(f"{URL}{path}/", text, content_type="application/json", headers=headers)


def as_server(path: str, body: Any, **headers: str) -> Any:
    return post(Client(), path, body, authorization=f"Bearer {SERVER_KEY}", **headers)


def reserve(client: Client, key: str, body: Any = None, **headers: str) -> Any:
    return post(client, "reserve", {} if body is None else body, **{"idempotency-key": key}, **headers)


def errors(response: Any) -> list[tuple[str, str]]:
    assert response["Content-Type"] == "application/problem+json"
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_a_shopper_asks_for_the_cart_of_the_session(client: Client) -> None:
    promotion(title="Autumn")
    promotion(rule=FROM_50, title="Big")
    response = post(client, "quote", {})
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    body = response.json()
    (applied,) = body.pop("applied")
    assert body == {
        "currency": "EUR",
        "subtotal": "40.00",
        "discount": "4.00",
        "total": "36.00",
        "refused": [
            {
                "code": "",
                "title": "Big",
                "reason": "condition_failed",
                "text": "10.00 EUR more, and it applies.",
                "missing": "10.00",
                "unit": "EUR",
            }
        ],
    }
    assert (applied["title"], applied["amount"], len(applied["shares"])) == ("Autumn", "4.00", 2)


def test_a_server_says_what_lies_in_the_cart_and_whose_it_is() -> None:
    promotion(limit_person=1)
    quoted = as_server("quote", {"cart": CART, "email": "ann@example.com"})
    assert [share["line"] for share in quoted.json()["applied"][0]["shares"]] == ["7"]
    held = reserve(
        Client(),
        "k1",
        {"cart": CART, "email": "ann@example.com", "minutes": 60},
        authorization=f"Bearer {SERVER_KEY}",
    )
    assert held.json()["held"]["amount"] == "4.00"
    assert as_server("quote", {"cart": CART, "email": "ann@example.com"}).json()["discount"] == "0.00"
    other = {"cart": CART, "email": "bob@example.com"}
    assert as_server("quote", other).json()["discount"] == "4.00"


@pytest.mark.parametrize(("path", "field"), [("quote", "cart"), ("quote", "email"), ("reserve", "minutes")])
def test_a_shopper_does_not(client: Client, path: str, field: str) -> None:
    response = post(client, path, {field: CART}, **{"idempotency-key": "k"})
    assert (response.status_code, errors(response)) == (400, [(field, "unknown")])


def test_a_reservation_is_redeemed_and_released_by_the_server(client: Client) -> None:
    coupon("ONCE", promotion(**CODED))
    first = reserve(client, "k1", {"codes": ["once"]})
    assert reserve(client, "k1", {"codes": ["once"]}).json() == first.json()
    held = first.json()["held"]
    assert (held["state"], held["code"], held["amount"], held["key"]) == ("reserved", "ONCE", "4.00", "k1")
    for _ in range(2):
        used = as_server("redeem", {"key": "k1", "order": "W1"})
        assert (used.status_code, used.json()["state"], used.json()["order"]) == (200, "redeemed", "W1")
    for _ in range(2):
        (gone,) = as_server("release", {"order": "W1"}).json()["released"]
        assert (gone["state"], gone["amount"]) == ("released", "4.00")
    assert Coupon.objects.get().taken == 0
    assert as_server("release", {"key": "k1"}).json()["released"][0]["state"] == "released"
    assert as_server("release", {"order": "W2"}).json() == {"released": []}
    assert counts_agree()


@pytest.mark.parametrize(
    ("path", "body"), [("redeem", {"key": "k", "order": "1"}), ("release", {"key": "k"})]
)
def test_nobody_else_turns_it_into_money(client: Client, path: str, body: Any) -> None:
    promotion()
    reserve(client, "k")
    assert post(client, path, body).status_code == 403
    client.force_login(make_person("ann"))
    assert post(client, path, body).status_code == 403
    assert Redemption.objects.get().state == Redemption.State.RESERVED


def test_the_same_key_for_something_else_is_a_conflict(client: Client) -> None:
    coupon("SAVE10", promotion(**CODED), limit=None)
    reserve(client, "k1", {"codes": ["SAVE10"]})
    promotion()
    other = reserve(client, "k1", {})
    assert (other.status_code, errors(other)) == (409, [("Idempotency-Key", "key_reused")])
    assert other.json()["title"] == "Conflict"
    client.force_login(make_person("ann"))
    assert reserve(client, "k1", {"codes": ["SAVE10"]}).status_code == 409
    assert Redemption.objects.count() == 1


def test_what_the_ledger_refuses_is_a_conflict(client: Client) -> None:
    promotion()
    assert errors(as_server("redeem", {"key": "k1", "order": "W1"})) == [("key", "unknown_key")]
    reserve(client, "k1")
    as_server("redeem", {"key": "k1", "order": "W1"})
    assert errors(as_server("redeem", {"key": "k1", "order": "W2"})) == [("key", "other_order")]
    as_server("release", {"key": "k1"})
    assert as_server("redeem", {"key": "k1", "order": "W1"}).status_code == 409


def test_nothing_that_applies_is_an_answer(client: Client) -> None:
    assert reserve(client, "k1").json() == {"held": None, "refused": []}


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_reservation_needs_a_key(client: Client, key: str) -> None:
    promotion()
    response = reserve(client, key)
    assert response.status_code == 400
    assert errors(response) == [("Idempotency-Key", "invalid" if key else "required")]
    assert not Redemption.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [("body", "not_object")]),
        ({"codes": "SAVE10"}, [("codes", "not_list")]),
        ({"codes": [1]}, [("codes", "not_text")]),
        ({"codes": ["x"] * 11}, [("codes", "too_long")]),
        ({"cart": []}, [("cart", "not_object")]),
        ({"cart": {"lines": [], "x": 1}}, [("cart.x", "unknown"), ("cart.currency", "required")]),
        ({"cart": {"currency": "EUR", "lines": [1]}}, [("cart.lines.0", "not_object")]),
        (
            {"cart": {"currency": "EUR", "lines": [{"quantity": 1}]}},
            [
                ("cart.lines.0.item", "required"),
                ("cart.lines.0.quantity", "not_text"),
            ],
        ),
        ({"cart": {"currency": "euro", "lines": []}}, [("currency", "currency")]),
        (
            {"cart": {**CART, "lines": [{"item": "mug", "quantity": "-1", "unit_price": "1.00"}]}},
            [("quantity", "quantity")],
        ),
        ({"cart": {**CART, "lines": [{"item": "\ud800", "unit_price": "1.00"}]}}, [("item", "key")]),
        ({"email": "\0"}, [("people", "invalid")]),
    ],
)
def test_a_wrong_body_is_answered_field_by_field(body: Any, expected: list[tuple[str, str]]) -> None:
    response = as_server("quote", body)
    assert (response.status_code, errors(response)) == (400, expected)


@pytest.mark.parametrize("body", [{}, {"key": "k", "order": "W1"}, {"order": ""}])
def test_what_is_released_has_one_name(body: Any) -> None:
    assert as_server("release", body).status_code == 400


def test_writes_need_a_page_of_this_shop_and_the_token_of_whoever_is_signed_in() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert post(strict, "quote", {}).status_code == 200
    assert post(strict, "quote", {}, origin="https://evil.example").status_code == 403
    strict.force_login(make_person("ann"))
    assert reserve(strict, "k").status_code == 403


# Codes are no riddle.


def codes_that_give_nothing() -> dict[str, str]:
    """A code for each reason that nobody may find out → why."""
    owner = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    running = promotion(**CODED)
    coupon("FOREIGN", running, owner=owner)
    coupon("EXPIRED", running, expires_at=NOW)
    coupon("EXHAUSTED", running)
    Coupon.objects.filter(code="EXHAUSTED").update(taken=1)
    coupon("GONE", promotion(limit_total=0, **CODED))
    return {
        "UNKNOWN": "unknown",
        "FOREIGN": "not_yours",
        "EXPIRED": "expired",
        "EXHAUSTED": "exhausted",
        "GONE": "exhausted",
    }


@pytest.mark.parametrize("path", ["quote", "reserve"])
def test_every_wrong_code_has_the_same_answer(client: Client, path: str) -> None:
    answers = set()
    for code in codes_that_give_nothing():
        response = post(client, path, {"codes": [code]}, **{"idempotency-key": f"k-{code}"})
        answers.add((response.status_code, response.content.decode().replace(code, "CODE")))
    assert len(answers) == 1


def test_wrong_codes_of_one_address_are_counted_and_right_ones_are_not(client: Client, settings: Any) -> None:
    coupon("SAVE10", promotion(**CODED), limit=None)
    for _ in range(30):
        assert post(client, "quote", {"codes": ["SAVE10"]}).status_code == 200
    for place in range(10):
        assert post(client, "quote", {"codes": [f"GUESS-{place}", f"GUESS-B{place}"]}).status_code == 200
    for code in ("GUESS", "SAVE10"):  # nobody learns any more whether it is one
        refused = post(client, "quote", {"codes": [code]})
        assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert post(client, "quote", {}).status_code == 200
    assert as_server("quote", {"codes": ["GUESS"]}).status_code == 200


def test_reservations_of_one_address_are_counted(client: Client) -> None:
    promotion()
    assert [reserve(client, f"k{n}").status_code for n in range(21)] == [200] * 20 + [429]
    assert Promotion.objects.get().taken == 20


def test_amounts_are_texts(client: Client) -> None:
    promotion()
    assert Decimal(post(client, "quote", {}).json()["total"]) == Decimal("36.00")
