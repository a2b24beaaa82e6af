"""Two stores: what is sold in each, and at which price."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template

from personalization.adapters import Page, get_adapter
from shop_demo.models import Category, Order, Product
from shop_demo.stores import CHINA, EUROPE

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def tents(db: None) -> tuple[Product, Product]:
    """One that is sold in both stores, one in Europe alone."""
    kind = Category.objects.create(name="Tents", slug="tents")
    return (
        Product.objects.create(
            sku="T-1", name="Tarn", name_zh="湖", category=kind, price="129.00", price_cny="999.00", stock=3
        ),
        Product.objects.create(sku="T-2", name="Hut", category=kind, price="99.00", stock=3),
    )


@pytest.fixture
def ann(client: Client, db: None) -> User:
    user = User.objects.create_user("ann", password="secret")
    client.force_login(user)
    return user


def go_to(client: Client, store: str) -> None:
    client.post("/store/", {"store": store, "next": "/products/"})


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_store_sells_its_own_at_its_own_price(client: Client, tents: tuple[Product, Product]) -> None:
    assert "€129.00" in text(client, "/products/")
    assert "Hut" in text(client, "/products/")
    go_to(client, "cn")
    listed = text(client, "/products/")
    assert "¥999.00" in listed
    assert re.search(r"€\d", listed) is None
    assert "Hut" not in listed
    assert client.get("/products/T-2/").status_code == 404
    assert client.post("/cart/T-2/").status_code == 404


def test_an_order_is_placed_in_the_currency_of_its_store(
    client: Client, ann: User, tents: tuple[Product, Product]
) -> None:
    client.post("/cart/T-1/")
    client.post("/cart/T-2/")
    go_to(client, "cn")
    assert "¥999.00" in text(client, "/cart/")
    client.post("/checkout/")
    order = Order.objects.get(customer=ann)
    assert (order.store, order.currency, order.total) == ("cn", "CNY", Decimal("999.00"))
    assert [line.product for line in order.lines.all()] == [tents[0]]


def test_slots_show_what_is_sold_here(tents: tuple[Product, Product]) -> None:
    adapter = get_adapter()
    europe = adapter.cards(["T-1", "T-2"], Page(store=EUROPE.code))
    prices = {key: (card.price, card.currency, card.eligible) for key, card in europe.items()}
    assert prices == {"T-1": ("129.00", "EUR", True), "T-2": ("99.00", "EUR", True)}
    china = adapter.cards(["T-1", "T-2"], Page(store=CHINA.code))
    assert (china["T-1"].price, china["T-1"].currency, china["T-1"].eligible) == ("999.00", "CNY", True)
    assert not china["T-2"].eligible
    assert adapter.eligible_keys(["T-1", "T-2"], Page(store=CHINA.code)) == {"T-1"}


def test_names_are_in_the_language_of_the_page(client: Client, tents: tuple[Product, Product]) -> None:
    client.cookies["django_language"] = "zh-hans"
    listed = text(client, "/products/")
    assert "湖" in listed
    assert "Hut" in listed  # it has no other name
    assert "湖" in text(client, "/products/?q=湖")


@pytest.mark.parametrize(("store", "target"), [("moon", "/products/"), ("cn", "https://elsewhere.example/")])
def test_odd_stores_and_targets_lead_nowhere(client: Client, db: None, store: str, target: str) -> None:
    answer = client.post("/store/", {"store": store, "next": target})
    assert answer.url == ("/products/" if store == "moon" else "/")
    assert client.session.get("store", "eu") == ("eu" if store == "moon" else "cn")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1234.5"), "EUR", "€1,234.50"),
        ("9", "CNY", "¥9.00"),
        ("9", "KWD", "9.00 KWD"),
        ("", "EUR", ""),
    ],
)
def test_money_has_its_sign(amount: Decimal | str, currency: str, shown: str) -> None:
    page = Template("{% load shop %}{{ amount|money:currency }}")
    assert page.render(Context({"amount": amount, "currency": currency})) == shown
