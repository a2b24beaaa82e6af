"""The page of a product: what it costs and has cost, and what people say of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from shop_demo.models import Category, Order, Price, Product
from shop_demo.prices import history
from shop_demo.product import REVIEWS
from shop_demo.stores import CHINA, EUROPE
from shop_demo.templatetags.shop import star_row

if TYPE_CHECKING:
    from django.test import Client

TODAY = date(2026, 3, 1)


@pytest.fixture
def mug(db: None) -> Product:
    category = Category.objects.create(name="Cups", slug="cups")
    return Product.objects.create(sku="MUG-1", name="Mug", category=category, price="9.50", stock=3)


def text(client: Client, address: str = "/products/MUG-1/") -> str:
    return client.get(address).content.decode()


def priced(*steps: tuple[int, str]) -> Any:
    """The history in Europe of prices that began so many days ago."""
    rows = [Price(since=TODAY - timedelta(days=ago), price=Decimal(price)) for ago, price in steps]
    return history(rows, EUROPE, today=TODAY)


def say(client: Client, name: str, stars: int, words: str = "") -> User:
    user = User.objects.create_user(name, first_name=name.title(), last_name="Okafor")
    client.force_login(user)
    client.post("/products/MUG-1/rate/", {"stars": str(stars), "text": words})
    return user


@pytest.mark.parametrize(
    ("steps", "former"),
    [
        (((300, "10.00"),), None),
        (((300, "10.00"), (5, "8.00")), "10.00"),
        (((300, "10.00"), (5, "12.00")), None),  # dearer
        (((300, "10.00"), (61, "8.00")), None),  # no news any more
        (((300, "10.00"), (20, "12.00"), (5, "11.00")), None),  # it cost 10 within thirty days
        (((300, "10.00"), (20, "9.00"), (5, "8.00")), "9.00"),
        (((300, "7.00"), (50, "10.00"), (5, "8.00")), "10.00"),  # 7 was longer ago
        (((300, "7.00"), (34, "10.00"), (5, "8.00")), None),  # and here within them
    ],
)
def test_a_reduction_is_told_against_the_lowest_price_of_thirty_days(steps: Any, former: str | None) -> None:
    assert priced(*steps).former == (None if former is None else Decimal(former))


def test_a_saving_is_rounded_down() -> None:
    assert priced((300, "9.00"), (5, "6.01")).saved_percent == 33
    assert priced((300, "9.00")).saved_percent == 0


def test_the_line_of_the_chart_is_level_between_changes() -> None:
    assert priced((100, "10.00"), (50, "5.00")).points == "0.0,0.0 160.0,0.0 160.0,80.0 320.0,80.0"
    assert priced((0, "10.00")).points == "0.0,40.0 320.0,40.0"


def test_a_store_without_prices_has_no_history() -> None:
    assert history([Price(since=TODAY, price=Decimal(9))], CHINA, today=TODAY) is None
    assert priced((-1, "9.00")) is None


def test_the_page_shows_a_reduction_and_the_prices_so_far(client: Client, mug: Product) -> None:
    today = timezone.localdate()
    for ago, price in ((100, "12.50"), (3, "9.50")):
        Price.objects.create(product=mug, since=today - timedelta(days=ago), price=price)
    page = text(client)
    assert "−24 %" in page
    assert "Lowest price of the 30 days before: €12.50" in page
    assert "The price was between €9.50 and €12.50." in page


@pytest.mark.parametrize(
    ("stock", "words"), [(0, "Sold out"), (1, "only 1 left"), (5, "only 5 left"), (6, "In stock")]
)
def test_stock_is_told_in_words(client: Client, mug: Product, stock: int, words: str) -> None:
    Product.objects.update(stock=stock)
    page = text(client)
    assert words in page
    assert ("Put into the cart" in page) == (stock > 0)


def test_reviews_tell_who_wrote_what_and_whether_they_bought_it(client: Client, mug: Product) -> None:
    buyer = say(client, "ann", 5, "Holds <tea>")
    order = Order.objects.create(customer=buyer, number="1", placed_at=timezone.now())
    order.lines.create(product=mug, unit_price="9.50")
    say(client, "bob", 2, "太小")
    say(client, "cid", 4)
    client.logout()
    page = client.get("/products/MUG-1/")
    assert [(one.author, one.bought, one.stars) for one in page.context["reviews"]] == [
        ("Bob O.", False, 2),
        ("Ann O.", True, 5),
    ]
    shown = page.content.decode()
    assert "Holds &lt;tea&gt;" in shown
    assert '<p lang="zh-Hans">太小</p>' in shown
    assert "3 ratings" in shown
    assert "Okafor" not in shown


def test_an_order_that_was_cancelled_is_no_purchase(client: Client, mug: Product) -> None:
    buyer, now = say(client, "ann", 5, "Holds tea"), timezone.now()
    order = Order.objects.create(customer=buyer, number="1", placed_at=now, cancelled_at=now)
    order.lines.create(product=mug, unit_price="9.50")
    assert not client.get("/products/MUG-1/").context["reviews"][0].bought


def test_reviews_are_turned_like_pages(client: Client, mug: Product) -> None:
    for number in range(REVIEWS + 1):
        say(client, f"p{number}", 4, f"Cup {number} of tea")
    first, second = (text(client, f"/products/MUG-1/?reviews={page}") for page in (1, 2))
    client.logout()
    assert f"Cup {REVIEWS} of tea" in first
    assert ">Cup 0 of tea" not in first
    assert ">Cup 0 of tea" in second
    assert "Page 2 of 2" in text(client, "/products/MUG-1/?reviews=99")


def test_ones_own_rating_can_be_changed(client: Client, mug: Product) -> None:
    say(client, "ann", 2, "Too small")
    assert 'value="2" required checked' in text(client)
    client.post("/products/MUG-1/rate/", {"stars": "4", "text": "Just right"})
    page = client.get("/products/MUG-1/")
    assert [(one.stars, one.text) for one in page.context["reviews"]] == [(4, "Just right")]
    assert "Change your rating" in page.content.decode()


def test_statements_do_not_grow_with_reviews(
    client: Client, mug: Product, django_assert_max_num_queries: Any
) -> None:
    for number in range(2 * REVIEWS):
        say(client, f"p{number}", 4, "Holds tea")
    text(client)  # what is read once for a process
    with django_assert_max_num_queries(17):
        assert "Page 1 of 2" in text(client)


@pytest.mark.parametrize(
    ("value", "full", "half"), [(0, 0, 0), (4.24, 4, 0), (4.25, 4, 1), (4.8, 5, 0), (5, 5, 0), (0.5, 0, 1)]
)
def test_stars_are_drawn_to_the_nearest_half(value: float, full: int, half: int) -> None:
    stars = star_row(value)
    assert (stars.count("full"), stars.count("half"), len(stars)) == (full, half, 5)
