"""Coupons in the demo shop: from the code that somebody types to the order, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User

from personalization.engine.types import IdentityKind
from personalization.models import Coupon, Promotion, Redemption
from personalization.promotions.issue import issue
from personalization.store.coupons import NewCoupons
from personalization.store.live_promotions import forget_live_promotions
from personalization.store.visitors import ensure_visitors
from shop_demo import checkout
from shop_demo.models import Category, Order, Product
from shop_demo.seed.offers import BANNER, BIG_CARTS, CODE, write_offers
from tests.promotions.ledger import NOW, counts_agree
from tests.promotions.shop import FROM_50, promotion

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def tent(db: None) -> Product:
    category = Category.objects.create(name="Tents", slug="tents")
    return Product.objects.create(sku="TEN-1", name="Tent", category=category, price="100.00", stock=3)


@pytest.fixture
def ann(client: Client, db: None) -> User:
    user = User.objects.create_user("ann")
    client.force_login(user)
    return user


@pytest.fixture
def save10(db: None) -> Coupon:
    """10 % off by a code that can be used once."""
    issue("SAVE10", NewCoupons(promotion(title="Ten off", needs_code=True)), now=NOW)
    return Coupon.objects.get()


def page(client: Client, address: str = "/cart/") -> str:
    return client.get(address).content.decode().split("<main")[1]


def fill(client: Client, tent: Product, *codes: str) -> None:
    client.post(f"/cart/{tent.sku}/")
    for code in codes:
        client.post("/cart/codes/", {"code": code})


def order(client: Client, discount: str) -> str:
    """Place the order that the cart page showed with this discount; the page that comes."""
    return client.post("/checkout/", {"discount": discount}, follow=True).content.decode()


def test_the_cart_shows_what_a_code_gives(client: Client, tent: Product, save10: Coupon) -> None:
    fill(client, tent, " save-10 ", "NOPE")
    text = page(client)
    assert "Ten off" in text
    assert "−10.00 EUR" in text
    assert "€90.00" in text
    assert "This code cannot be used." in text
    assert '<input type="hidden" name="discount" value="10.00">' not in text  # nobody is signed in


def test_a_code_can_be_taken_out_again(client: Client, tent: Product, save10: Coupon) -> None:
    fill(client, tent, "SAVE10")
    client.post("/cart/codes/", {"forget": "SAVE10"})
    assert "−10.00" not in page(client)
    assert client.session["codes"] == []


@pytest.mark.parametrize("code", ["", "   ", "x" * 500, "\0", "<script>"])
def test_odd_codes_are_only_codes(client: Client, tent: Product, code: str) -> None:
    fill(client, tent, code)
    assert client.get("/cart/").status_code == 200
    assert "<script>" not in page(client)


def test_only_the_newest_codes_are_kept(client: Client, tent: Product) -> None:
    fill(client, tent, *[f"CODE{n}" for n in range(20)])
    assert client.session["codes"] == [f"CODE{n}" for n in range(15, 20)]


def test_an_order_takes_the_discount_and_its_shares(
    client: Client, ann: User, tent: Product, save10: Coupon
) -> None:
    fill(client, tent, "SAVE10")
    assert 'name="discount" value="10.00"' in page(client, "/checkout/")
    text = order(client, "10.00")
    placed = ann.orders.get()
    assert (placed.discount, placed.subtotal, placed.total) == (
        Decimal("10.00"),
        Decimal("100.00"),
        Decimal("90.00"),
    )
    assert [line.discount for line in placed.lines.all()] == [Decimal("10.00")]
    assert text.count("−€10.00") == 2
    used = Redemption.objects.get()
    assert (used.state, used.order) == (Redemption.State.REDEEMED, placed.number)
    assert client.session.get("codes") is None
    fill(client, tent, "SAVE10")
    assert "This code cannot be used." in page(client)


def test_a_cancelled_order_gives_its_coupon_back(
    client: Client, ann: User, tent: Product, save10: Coupon
) -> None:
    fill(client, tent, "SAVE10")
    order(client, "10.00")
    address = f"/orders/{ann.orders.get().number}/"
    for _ in range(2):
        client.post(f"{address}cancel/")
    assert "can be used again" in page(client, address)
    fill(client, tent, "SAVE10")
    assert "−10.00 EUR" in page(client)
    assert counts_agree()


def test_an_order_that_fails_gives_its_coupon_back(
    client: Client, ann: User, tent: Product, save10: Coupon
) -> None:
    fill(client, tent, "SAVE10")
    Product.objects.update(stock=0)
    assert "not enough pieces of Tent" in order(client, "10.00")
    save10.refresh_from_db()
    assert (save10.taken, Order.objects.count()) == (0, 0)
    assert client.session["codes"] == ["SAVE10"]


def test_nobody_pays_more_than_the_cart_said(
    client: Client, ann: User, tent: Product, save10: Coupon
) -> None:
    fill(client, tent, "SAVE10")
    Promotion.objects.update(percent=5)
    forget_live_promotions()
    assert "The offers for your cart have changed" in order(client, "10.00")
    save10.refresh_from_db()
    assert (save10.taken, Order.objects.count()) == (0, 0)
    assert "−5.00 EUR" in page(client)


def test_an_order_whose_reservation_ran_out_is_not_placed(
    client: Client, ann: User, tent: Product, save10: Coupon, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client, tent, "SAVE10")
    late = 2**53
    redeem = checkout.redeem
    monkeypatch.setattr(checkout, "redeem", lambda key, **options: redeem(key, **options, now=late))
    assert "The offers for your cart have changed" in order(client, "10.00")
    assert (Order.objects.count(), Product.objects.get().stock) == (0, 3)


@pytest.mark.parametrize("promised", ["", "x", "-1.00", "1e9", "NaN", "٣.00"])
def test_without_a_promise_nothing_is_asked(
    client: Client, ann: User, tent: Product, save10: Coupon, promised: str
) -> None:
    fill(client, tent, "SAVE10")
    order(client, promised)
    assert ann.orders.get().total == Decimal("100.00")
    assert not Redemption.objects.exists()


def test_what_the_cart_nearly_gets_is_said(client: Client, tent: Product) -> None:
    promotion(rule=FROM_50.replace("50.00", "112.50"), title="Big carts")
    fill(client, tent)
    assert "12.50 EUR more, and it applies." in page(client)


def test_the_account_shows_my_coupons(client: Client, ann: User, tent: Product) -> None:
    owner = ensure_visitors(IdentityKind.USER, [str(ann.pk)], tenant="", now=NOW)[str(ann.pk)]
    issue("ANNS", NewCoupons(promotion(title="Hers", needs_code=True), owner=owner), now=NOW)
    assert "ANNS" in page(client, "/account/coupons/")
    fill(client, tent, "ANNS")
    order(client, "10.00")
    assert "You have used it." in page(client, "/account/coupons/")


def test_the_demos_own_offers(client: Client, ann: User, tent: Product) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert write_offers(at=at)
    assert not write_offers(at=at)
    assert (Promotion.objects.count(), Coupon.objects.get().code) == (3, CODE)
    fill(client, tent, CODE)
    text = page(client)
    assert "50.00 EUR more, and it applies." in text
    assert "This code cannot be used." in text  # she bought no sleeping bag
    client.post(f"/cart/{tent.sku}/")
    assert BIG_CARTS.title in page(client)


def test_a_bag_of_last_year_makes_a_tent_cheaper(
    client: Client, ann: User, tent: Product, django_capture_on_commit_callbacks: Any
) -> None:
    write_offers(at=datetime(2026, 3, 1, tzinfo=UTC))
    bags = Category.objects.create(name="Sleeping bags & mats", slug="bags")
    Product.objects.create(sku="SLP-1", name="Bag", category=bags, price="80.00", stock=3)
    client.post("/cart/SLP-1/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/checkout/")
    Product.objects.filter(sku="TEN-1").update(price="500.00")
    fill(client, tent, CODE)
    client.post("/cart/SLP-1/")
    text = page(client)
    assert text.count("−€20.00") == 2  # its line and the sum; the bag is no tent
    assert "−20.00 EUR" in text  # the offer
    assert "€560.00" in text
    assert f"<code>{CODE}</code>" in page(client, "/")  # the banner of the home page
    client.logout()
    assert BANNER.headline not in page(client, "/")


def test_the_documentation_shows_the_lines_of_this_shop() -> None:
    folder = Path(checkout.__file__).parent
    files = [
        folder / "checkout.py",
        folder / "returns.py",
        folder / "personal.py",
    ]  # templates are compiled by tests/docs
    code = "\n".join(path.read_text() for path in files)
    shown = Path("docs/how-to/coupons.md").read_text()
    lines = [
        line.strip()
        for block in re.findall(r"```python\n(.*?)```", shown, re.DOTALL)
        for line in block.splitlines()
    ]
    assert [line for line in lines if line not in code] == []
    assert len(lines) > 15
