from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from shop_demo.drawings import SHAPES
from shop_demo.models import Category, Order, OrderLine, Product
from shop_demo.seed.assortment import CATEGORIES, read_assortment
from shop_demo.seed.baskets import Market, draw_baskets
from shop_demo.seed.people import PERSONAS, draw_shoppers
from shop_demo.seed.shop import fill_shop

TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def draw(seed: int) -> list[object]:
    rng = np.random.default_rng(seed)
    market = Market(read_assortment(), rng)
    return [draw_baskets(market, draw_shoppers(rng, count=40), today=TODAY)]


def test_every_article_has_a_category_a_drawing_and_a_use() -> None:
    for article in read_assortment():
        assert article.category in CATEGORIES
        assert article.shape in SHAPES
        assert article.activities
        assert article.price > 0


def test_the_same_seed_draws_the_same_year() -> None:
    assert draw(3) == draw(3)
    assert draw(3) != draw(4)


def test_names_are_distinct() -> None:
    shoppers = draw_shoppers(np.random.default_rng(1), count=500)
    assert len({shopper.username for shopper in shoppers}) == 500 + len(PERSONAS)


@pytest.mark.django_db
def test_a_year_of_orders_ends_today() -> None:
    year = fill_shop(seed=7, customers=60, today=TODAY)
    assert year is not None
    assert (Product.objects.count(), Category.objects.count()) == (200, 10)
    placed = Order.objects.values_list("placed_at", flat=True)
    assert max(placed) < TODAY
    assert (TODAY - min(placed)).days <= 366
    assert Product.objects.filter(stock=0).exists()
    assert Product.objects.filter(available=False).exists()


@pytest.mark.django_db
def test_nobody_but_the_demo_people_can_sign_in() -> None:
    fill_shop(seed=7, customers=20, today=TODAY)
    able = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert able == {persona.shopper.username for persona in PERSONAS}


@pytest.mark.django_db
def test_tents_are_bought_with_sleeping_bags() -> None:
    fill_shop(seed=7, customers=200, today=TODAY)
    baskets: dict[int, set[str]] = {}
    for order, category in OrderLine.objects.values_list("order_id", "product__category__name"):
        baskets.setdefault(order, set()).add(category)
    beside = Counter(
        other for basket in baskets.values() if "Tents" in basket for other in basket - {"Tents"}
    )
    assert beside.most_common(1)[0][0] == "Sleeping bags & mats"


@pytest.mark.django_db
def test_seeding_twice_changes_nothing(debug: None) -> None:
    call_command("seed_shop", customers=20, today="2026-03-01", stdout=StringIO())
    before = (Product.objects.count(), Order.objects.count(), OrderLine.objects.count(), User.objects.count())
    again = StringIO()
    call_command("seed_shop", customers=20, today="2026-06-01", stdout=again)
    assert before == (
        Product.objects.count(),
        Order.objects.count(),
        OrderLine.objects.count(),
        User.objects.count(),
    )
    assert "nothing to seed" in again.getvalue()
    assert "import_orders: 0 order lines new" in again.getvalue()


@pytest.mark.django_db
def test_the_past_reaches_the_built_in_catalog(debug: None, settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": settings.ADAPTERS["catalog"]}
    said = StringIO()
    call_command("seed_shop", customers=20, stdout=said)
    assert "import_items: 200 products stored" in said.getvalue()
    assert "import_events: 0 order lines new" not in said.getvalue()


@pytest.mark.django_db
def test_public_passwords_are_refused_in_production(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("seed_shop", stdout=StringIO())


@pytest.mark.django_db
def test_a_wrong_date_is_named(debug: None) -> None:
    with pytest.raises(CommandError, match="--today"):
        call_command("seed_shop", today="soon", stdout=StringIO())
