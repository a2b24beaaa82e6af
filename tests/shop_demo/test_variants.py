"""What is made in sizes and colors: picked on the page, bought, counted and brought back as one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from personalization.adapters import get_adapter
from shop_demo import returns
from shop_demo.models import Category, Order, Product, Variant
from shop_demo.seed.assortment import read_assortment
from shop_demo.seed.variants import variants_of

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def boot(db: None) -> Product:
    """Blue in 41 (two left) and 42 (none), sand in 41."""
    kind = Category.objects.create(name="Footwear", slug="footwear")
    boot = Product.objects.create(sku="B-1", name="Boot", category=kind, price="99.00", stock=5, shape="boot")
    for sku, size, color, stock in (
        ("B-1-A-41", "41", "lake blue", 2),
        ("B-1-A-42", "42", "lake blue", 0),
        ("B-1-B-41", "41", "sand", 3),
    ):
        Variant.objects.create(product=boot, sku=sku, size=size, color=color, stock=stock)
    return boot


@pytest.fixture
def ann(client: Client, db: None) -> User:
    user = User.objects.create_user("ann")
    client.force_login(user)
    return user


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def stocks(boot: Product) -> tuple[int, dict[str, int]]:
    boot.refresh_from_db()
    return boot.stock, dict(boot.variants.values_list("sku", "stock"))


def test_the_page_offers_the_sizes_of_a_color(client: Client, boot: Product) -> None:
    page = text(client, "/products/B-1/")
    assert "only 2 left" in page
    assert 'value="B-1-A-42" required disabled' in page
    assert "B-1-B-41" not in page
    other = text(client, "/products/B-1/?color=sand")
    assert 'value="B-1-B-41" required>' in other
    assert "B-1-A-41" not in other


@pytest.mark.parametrize("odd", ["", "pink", "<script>"])
def test_an_odd_color_shows_one_that_is_in_stock(client: Client, boot: Product, odd: str) -> None:
    Variant.objects.filter(color="lake blue").update(stock=0)
    page = client.get("/products/B-1/", {"color": odd})
    assert page.context["color"] == "sand"


@pytest.mark.parametrize("picked", ["", "B-1", "B-1-A-42", "nothing"])
def test_what_is_not_there_cannot_be_picked(client: Client, boot: Product, picked: str) -> None:
    answer = client.post("/cart/B-1/", {"variant": picked}, follow=True)
    assert "Please choose one that is in stock." in answer.content.decode()
    assert "cart" not in client.session


def test_a_variant_is_bought_and_counted(client: Client, ann: User, boot: Product) -> None:
    client.post("/cart/B-1/", {"variant": "B-1-A-41"})
    client.post("/cart/B-1/", {"variant": "B-1-A-41"})
    client.post("/cart/B-1/", {"variant": "B-1-B-41"})
    cart = text(client, "/cart/")
    assert "lake blue · 41" in cart
    assert "sand · 41" in cart
    assert "€297.00" in text(client, "/checkout/")
    client.post("/checkout/")
    order = ann.orders.get()
    assert [(line.variant.sku, line.quantity) for line in order.lines.all()] == [
        ("B-1-A-41", 2),
        ("B-1-B-41", 1),
    ]
    assert stocks(boot) == (2, {"B-1-A-41": 0, "B-1-A-42": 0, "B-1-B-41": 2})
    assert "lake blue · 41" in text(client, f"/orders/{order.number}/")


def test_a_size_is_not_sold_twice_though_others_are_there(client: Client, ann: User, boot: Product) -> None:
    client.post("/cart/B-1/", {"variant": "B-1-A-41", "quantity": "3"})
    assert "There are only 2 left." in text(client, "/cart/")
    assert "not enough pieces of Boot" in client.post("/checkout/", follow=True).content.decode()
    assert stocks(boot) == (5, {"B-1-A-41": 2, "B-1-A-42": 0, "B-1-B-41": 3})
    assert not Order.objects.exists()


def test_what_comes_back_comes_back_to_its_size(client: Client, ann: User, boot: Product) -> None:
    client.post("/cart/B-1/", {"variant": "B-1-A-41", "quantity": "2"})
    client.post("/checkout/")
    assert returns.cancel(ann.orders.get(), now=timezone.now())
    assert stocks(boot) == (5, {"B-1-A-41": 2, "B-1-A-42": 0, "B-1-B-41": 3})


def test_an_order_is_bought_again_in_its_sizes(client: Client, ann: User, boot: Product) -> None:
    client.post("/cart/B-1/", {"variant": "B-1-B-41"})
    client.post("/checkout/")
    client.post(f"/orders/{ann.orders.get().number}/again/")
    assert client.session["cart"] == {"B-1-B-41": 1}


def test_a_number_is_changed_and_a_line_is_taken_out(client: Client, boot: Product) -> None:
    client.post("/cart/B-1/", {"variant": "B-1-B-41"})
    client.post("/cart/pieces/", {"line": "B-1-B-41", "quantity": "2"})
    client.post("/cart/pieces/", {"line": "B-1-A-41", "quantity": "2"})  # which does not lie there
    client.post("/cart/pieces/", {"line": "B-1-B-41", "quantity": "-1"})
    assert client.session["cart"] == {"B-1-B-41": 2}
    client.post("/cart/pieces/", {"line": "B-1-B-41", "quantity": "0"})
    assert client.session["cart"] == {}


def test_what_this_store_does_not_sell_stays_aside(client: Client, ann: User, boot: Product) -> None:
    mug = Product.objects.create(
        sku="M-1", name="Mug", category=boot.category, price="9.50", price_cny="79.00", stock=3
    )
    client.post("/cart/B-1/", {"variant": "B-1-B-41"})
    client.post("/cart/M-1/")
    client.post("/store/", {"store": "cn"})
    page = client.get("/cart/")
    assert page.context["aside"] == [("B-1-B-41", boot)]
    assert "is not ordered" in page.content.decode()
    client.post("/checkout/")
    assert [line.product for line in ann.orders.get().lines.all()] == [mug]
    assert client.session["cart"] == {"B-1-B-41": 1}


def test_what_lies_aside_can_be_taken_out(client: Client, boot: Product) -> None:
    client.post("/cart/B-1/", {"variant": "B-1-B-41"})
    client.post("/store/", {"store": "cn"})
    assert "Nothing lies in your cart yet." not in text(client, "/cart/")
    client.post("/cart/pieces/", {"line": "B-1-B-41", "quantity": "0"})
    assert "Nothing lies in your cart yet." in text(client, "/cart/")


def test_the_recommender_knows_products_alone(boot: Product) -> None:
    assert get_adapter().canonical_keys(["B-1-A-41", "B-1", "nothing"]) == {"B-1-A-41": "B-1"}


def test_the_stock_of_a_product_is_the_sum(boot: Product) -> None:
    boot.stock = 99
    boot.save()
    boot.count_stock()
    assert stocks(boot)[0] == 5


def test_whoever_edits_the_list_of_products_cannot_part_the_stock_from_its_sum(
    admin_client: Client, boot: Product
) -> None:
    form = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(boot.pk), "_save": "Save"}
    row = {"form-0-stock": "50", "form-0-available": "on"}
    assert admin_client.post("/admin/shop_demo/product/", form | row).status_code == 302
    assert stocks(boot)[0] == 5


def test_a_picture_has_the_color_that_is_asked_for(client: Client, boot: Product) -> None:
    pictures = [
        text(client, f"/pictures/B-1.svg{query}") for query in ("", "?color=lake+blue", "?color=sand")
    ]
    assert pictures[0] == pictures[1] != pictures[2]
    assert text(client, "/pictures/B-1.svg?color=%22%3E%3Cscript%3E") == pictures[0]


def test_every_article_is_made_in_as_many_pieces_as_it_has() -> None:
    for article in read_assortment():
        made = variants_of(article, 23)
        assert not made or sum(one.stock for one in made) == 23
        assert len({(one.size, one.color) for one in made}) == len({one.sku for one in made}) == len(made)
    boots = [article for article in read_assortment() if article.kind.name == "hiking boot"]
    assert {one.size for article in boots for one in variants_of(article, 9)} == {
        str(size) for size in range(36, 48)
    }
