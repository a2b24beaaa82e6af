"""The shop's own cart and orders, and that personalization sees them without being told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User

from personalization.engine.types import Kind
from personalization.models import Event
from shop_demo.models import Category, Order, Product

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def mug(db: None) -> Product:
    category = Category.objects.create(name="Cups", slug="cups")
    return Product.objects.create(sku="MUG-1", name="Mug", category=category, price="9.50", stock=3)


@pytest.fixture
def ann(client: Client, db: None) -> User:
    user = User.objects.create_user("ann")
    client.force_login(user)
    return user


def stock(product: Product) -> int:
    product.refresh_from_db()
    return product.stock


def test_an_order_takes_what_lies_in_the_cart(client: Client, ann: User, mug: Product) -> None:
    client.post("/cart/MUG-1/")
    client.post("/cart/MUG-1/", {"quantity": "2"})
    assert "€19.00" in client.get("/cart/").content.decode()
    answer = client.post("/checkout/", follow=True)
    order = ann.orders.get()
    assert answer.redirect_chain[-1][0] == f"/orders/{order.number}/thanks/"
    assert [(line.product, line.quantity) for line in order.lines.all()] == [(mug, 2)]
    assert (stock(mug), client.session.get("cart")) == (1, None)
    assert order.number in client.get("/orders/").content.decode()


def test_what_somebody_else_took_is_not_sold_twice(client: Client, ann: User, mug: Product) -> None:
    client.post("/cart/MUG-1/", {"quantity": "4"})
    assert "not enough pieces of Mug" in client.post("/checkout/", follow=True).content.decode()
    assert (stock(mug), Order.objects.count()) == (3, 0)


def test_a_cancelled_order_gives_the_pieces_back_once(client: Client, ann: User, mug: Product) -> None:
    client.post("/cart/MUG-1/")
    client.post("/checkout/")
    address = f"/orders/{ann.orders.get().number}/"
    for _ in range(2):
        assert client.post(f"{address}cancel/", follow=True).status_code == 200
    assert stock(mug) == 3
    assert "was cancelled" in client.get(address).content.decode()


def test_orders_are_for_their_customer(client: Client, ann: User, mug: Product) -> None:
    client.post("/cart/MUG-1/")
    client.post("/checkout/")
    address = f"/orders/{ann.orders.get().number}/"
    client.force_login(User.objects.create_user("bob"))
    assert client.get(address).status_code == client.post(f"{address}cancel/").status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("quantity", ["-1", "1e3", "٣", "9999", "x"])
def test_odd_quantities_add_one(client: Client, mug: Product, quantity: str) -> None:
    client.post("/cart/MUG-1/", {"quantity": quantity})
    assert client.session["cart"] == {"MUG-1": 1}


def test_zero_takes_it_out(client: Client, mug: Product) -> None:
    client.post("/cart/MUG-1/")
    client.post("/cart/MUG-1/", {"quantity": "0"})
    assert "Nothing lies in your cart yet" in client.get("/cart/").content.decode()
    assert client.post("/checkout/").status_code == 302


def test_personalization_hears_of_orders_and_cancellations_by_itself(
    client: Client, ann: User, mug: Product, django_capture_on_commit_callbacks: Any
) -> None:
    client.post("/cart/MUG-1/", {"quantity": "2"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/checkout/")
        assert not Event.objects.exists()
    bought = Event.objects.get()
    assert (bought.kind, bought.item.key, bought.quantity) == (Kind.PURCHASE, "MUG-1", 2)
    assert (bought.unit_price, bought.currency, bought.order) == (
        Decimal("9.50"),
        "EUR",
        ann.orders.get().number,
    )
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/orders/{bought.order}/cancel/")
    given_back = Event.objects.get(kind=Kind.REFUND)
    assert (given_back.item, given_back.quantity, given_back.visitor) == (bought.item, 2, bought.visitor)
