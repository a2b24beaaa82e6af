from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from personalization.engine.promotions import price_cart
from personalization.engine.promotions.cart import MOST_LINES
from personalization.engine.rules import Money, OpenTexts
from personalization.engine.types import Cart, CartLine
from personalization.exceptions import InvalidInputError
from tests.engine.promotions.carts import MAT, TENT, cart
from tests.engine.promotions.test_money import CART_TOTALS, RIGHT


def test_totals_are_rounded_line_by_line() -> None:
    priced = cart(("cheese", "0.125", "9.99"), ("knife", "2", "5"))
    assert [(line.item, str(line.total)) for line in priced.lines] == [("cheese", "1.25"), ("knife", "10.00")]
    assert priced.subtotal == Decimal("11.25")


def test_lines_without_keys_get_one_from_what_they_hold() -> None:
    one = cart(("a", "1", "2"), ("a", "1", "2"), ("b", "1", "2"))
    other = cart(("b", "1", "2"), ("a", "1", "2"), ("a", "1", "2"))
    assert one == other
    assert len({line.key for line in one.lines}) == 3


def test_a_cart_is_the_same_however_its_numbers_are_written() -> None:
    """Shops read decimals from columns of their own: what is priced again at the checkout must get the same keys."""
    plain, padded = (
        cart(("a", "2", "5"), ("b", "10", "0.5")),
        cart(("a", "2.000", "5.00"), ("b", "10.0", "0.500")),
    )
    assert plain == padded
    assert [line.key for line in padded.lines] == ["a×2@5.00#1", "b×10@0.50#1"]
    assert [str(line.quantity) for line in padded.lines] == ["2", "10"]


@pytest.mark.parametrize("own", ["a×1@2.00", "a×1@2.00#2"])
def test_a_key_of_the_shop_may_look_like_one_of_ours(own: str) -> None:
    lines = CartLine("a", "1", "2"), CartLine("b", "1", "9", own)
    for order in (lines, lines[::-1]):
        assert {line.key: line.item for line in price_cart(Cart(order, "EUR"), {}).lines} == {
            "a×1@2.00#1": "a",
            own: "b",
        }


def test_two_lines_never_have_the_same_key_in_whatever_order_they_stand() -> None:
    lines = CartLine("a", "1", "2"), CartLine("b", "1", "9", "a×1@2.00#1")
    for order in (lines, lines[::-1]):
        with pytest.raises(InvalidInputError, match=r"^key: "):
            price_cart(Cart(order, "EUR"), {})


@pytest.mark.parametrize("text", [one for one in CART_TOTALS if one not in RIGHT], ids=ascii)
def test_every_bad_amount_of_the_catalog_is_refused_as_a_price(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^unit_price: "):
        cart(("a", "1", text))


def test_what_rules_may_know_of_a_cart() -> None:
    facts = cart(
        ("tent", "1", "100"), ("mat", "2", "20"), ("gone", "1", "1"), items={"tent": TENT, "mat": MAT}
    ).facts()
    assert facts == {
        "cart.subtotal": Money(Decimal("141.00"), "EUR"),
        "cart.quantity": 4,
        "cart.currency": "EUR",
        "cart.items": frozenset({"tent", "mat", "gone"}),
        "cart.categories": frozenset({"Tents", "Mats"}),
        "cart.brands": frozenset({"Alpha"}),
        "cart.tags": frozenset({"light"}),
    }
    texts = [facts[f"cart.{name}"] for name in ("categories", "brands", "tags")]
    assert all(isinstance(one, OpenTexts) for one in texts)  # of "gone" nothing is known
    known = cart(("tent", "1", "100"), items={"tent": TENT}).facts()
    assert not isinstance(known["cart.categories"], OpenTexts)
    assert cart().facts()["cart.subtotal"] == Money(Decimal(0), "EUR")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (CartLine(""), "item"),
        (CartLine("a\0"), "item"),
        (CartLine("a", "0", "1"), "quantity"),
        (CartLine("a", "-1", "1"), "quantity"),
        (CartLine("a", "NaN", "1"), "quantity"),
        (CartLine("a", "1e3", "1"), "quantity"),
        (CartLine("a", "\uff11", "1"), "quantity"),
        (CartLine("a", "1.0001", "1"), "quantity"),
        (CartLine("a", 2, "1"), "quantity"),  # type: ignore[arg-type]
        (CartLine("a", "1", ""), "unit_price"),
        (CartLine("a", "1", "-0"), "unit_price"),
        (CartLine("a", "1", "1,5"), "unit_price"),
        (CartLine("a", "1", "0.001"), "unit_price"),
        (CartLine("a", "1", "99999999999.99"), "lines"),
        (CartLine("a", "999999999", "999999999"), "lines"),
        (CartLine("a", "1", "1", "k" * 256), "key"),
        (CartLine("a", "1", "1", "k\0"), "key"),
        (CartLine("a", "1", "1", ["k"]), "key"),  # type: ignore[arg-type]
    ],
)
def test_a_line_that_cannot_be_is_refused_by_name(line: CartLine, field: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"^{field}: "):
        price_cart(Cart((line, CartLine("b", "1", "1")), "EUR"), {})


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (Cart((), ""), "currency"),
        (Cart((CartLine("a", "1", "1", "k"), CartLine("b", "1", "1", "k")), "EUR"), "key"),
        (Cart((CartLine("a", "1", "1"),) * (MOST_LINES + 1), "EUR"), "lines"),
    ],
)
def test_a_cart_that_cannot_be_is_refused_by_name(broken: Any, field: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"^{field}: "):
        price_cart(broken, {})
