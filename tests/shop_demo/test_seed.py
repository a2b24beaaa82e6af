from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from django.utils.translation import override

from personalization.engine.types import Flag
from personalization.models import Event, Rating, ViewedItem
from shop_demo.attributes import shown
from shop_demo.drawings import SHAPES
from shop_demo.models import PRICE_FIELDS, Category, Order, OrderLine, Price, Product
from shop_demo.seed.assortment import ACTIVITIES, CATEGORIES, read_assortment
from shop_demo.seed.baskets import Basket, Habits, draw_baskets
from shop_demo.seed.browsing import BOTS
from shop_demo.seed.market import PAST, Market
from shop_demo.seed.people import PERSONAS, draw_shoppers
from shop_demo.seed.shop import fill_shop
from shop_demo.stores import CHINA, STORES

TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST_DAY = date(2025, 3, 1)


def draw(seed: int) -> tuple[Market, list[Basket], Habits]:
    rng = np.random.default_rng(seed)
    shoppers = draw_shoppers(rng, count=40)
    market = Market(read_assortment(), rng, FIRST_DAY)
    return market, *draw_baskets(market, shoppers, market.liking(shoppers))


def test_six_hundred_articles_have_a_name_of_their_own_a_drawing_and_a_use() -> None:
    articles = read_assortment()
    assert len({article.name for article in articles}) == len(articles) == 600
    assert {article.category for article in articles} == set(CATEGORIES)
    for article in articles:
        assert article.kind.shape in SHAPES
        assert set(article.kind.uses) <= set(ACTIVITIES)
        assert article.kind.uses
        assert article.price > 0


def test_an_article_is_described_in_both_languages() -> None:
    with override("zh-hans"):
        for article in read_assortment():
            english, chinese = article.descriptions["en"], article.descriptions["zh-hans"]
            assert english.isascii()
            assert len(re.findall("[a-z]{2,}", re.sub(r"[0-9.]+ k?g", "", chinese))) == 0
            assert len(shown(article.attributes)) == len(article.attributes) >= 4
            words = {value for value in article.attributes.values() if value.islower() and value.isalpha()}
            assert not words.intersection(value for _, value in shown(article.attributes))


def test_the_same_seed_draws_the_same_year() -> None:
    (_, same, _), (_, again, _), (_, other, _) = draw(3), draw(3), draw(4)
    assert same == again
    assert same != other


def test_nobody_buys_a_tent_twice_but_gas_again_and_again() -> None:
    market, baskets, habits = draw(3)
    times = Counter((basket.shopper, line.article) for basket in baskets for line in basket.lines)
    durable = {times[pair] for pair in times if market.durable[pair[1]]}
    again = [times[pair] for pair in zip(habits.shopper, habits.article, strict=True)]
    assert durable == {1}
    assert max(again) >= 4


def test_nothing_is_bought_before_its_launch_and_nothing_new_at_all() -> None:
    market, baskets, _ = draw(3)
    assert market.new.any()
    for basket in baskets:
        for line in basket.lines:
            assert basket.day >= market.launched[line.article]
            assert not market.new[line.article]
            assert not (basket.held_out and market.off_shelf[line.article])


def test_things_sell_in_their_season() -> None:
    market, baskets, _ = draw(3)
    winter = np.array([article.kind.season == "winter" for article in market.assortment])
    days = np.array([[basket.day, winter[line.article]] for basket in baskets for line in basket.lines])
    january, july = ((days[:, 0] // 30 == month) for month in (9, 3))  # the year begins in March
    assert days[january, 1].mean() > 1.5 * days[july, 1].mean()


def test_a_lower_price_pulls() -> None:
    market, _, _ = draw(3)
    cut = market.prices.min(axis=1) < 0.9 * market.prices[:, PAST]
    row = np.flatnonzero(cut & (market.launched < 0) & ~market.off_shelf)[0]
    change = np.flatnonzero(np.diff(market.prices[row, :PAST]) < 0)[0]
    assert market.pull[change + 1, row] > market.pull[change, row] + 0.2


def test_names_are_distinct() -> None:
    shoppers = draw_shoppers(np.random.default_rng(1), count=500)
    assert len({shopper.username for shopper in shoppers}) == 500 + len(PERSONAS)


@pytest.mark.django_db
def test_a_year_of_orders_ends_today() -> None:
    year = fill_shop(seed=7, customers=60, today=TODAY)
    assert year is not None
    assert (Product.objects.count(), Category.objects.count()) == (600, 12)
    placed = Order.objects.values_list("placed_at", flat=True)
    assert max(placed) < TODAY
    assert year.orders == len(placed)
    assert (TODAY - min(placed)).days <= 366
    assert Product.objects.filter(stock=0).exists()
    assert Product.objects.filter(available=False).exists()


@pytest.mark.django_db
def test_an_order_is_paid_at_the_prices_of_its_day() -> None:
    fill_shop(seed=7, customers=60, today=TODAY)
    for store in STORES.values():
        lines = OrderLine.objects.filter(order__store=store.code, order__currency=store.currency)
        repriced = lines.exclude(unit_price=F(f"product__{PRICE_FIELDS[store.code]}")).select_related("order")
        assert repriced
        for line in repriced:
            prices = Price.objects.filter(product=line.product_id, since__lte=line.order.placed_at.date())
            assert line.unit_price == prices.latest("since").price_in(store)


@pytest.mark.django_db
def test_some_things_are_a_fifth_cheaper_from_today_on() -> None:
    fill_shop(seed=7, customers=20, today=TODAY)
    on_sale = Price.objects.filter(since=TODAY.date(), product__launched_on__lt=TODAY.date())
    assert 20 <= on_sale.count() <= 60
    for price in on_sale.select_related("product"):
        before = Price.objects.filter(product=price.product, since__lt=price.since).latest("since")
        assert price.price == price.product.price == round(before.price * Decimal("0.8"))
        assert price.price_cny is None or price.price_cny < before.price_cny


@pytest.mark.django_db
def test_the_stock_of_what_is_made_in_sizes_is_the_sum_of_theirs() -> None:
    fill_shop(seed=7, customers=20, today=TODAY)
    made = Product.objects.annotate(pieces=Sum("variants__stock")).exclude(pieces=None)
    assert made.count() > 200
    assert not made.exclude(stock=F("pieces")).exists()
    assert made.filter(variants__stock=0, stock__gt=0).exists()


@pytest.mark.django_db
def test_nobody_buys_what_is_not_sold_where_they_shop() -> None:
    fill_shop(seed=7, customers=100, today=TODAY)
    unsold = Product.objects.filter(price_cny=None)
    assert unsold.count() > 30
    assert OrderLine.objects.filter(order__store=CHINA.code).exists()
    assert not OrderLine.objects.filter(order__store=CHINA.code, product__in=unsold).exists()


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
    assert "import_items: 600 products stored" in said.getvalue()
    assert "import_events: 0 order lines new" not in said.getvalue()
    assert Event.objects.filter(flags=Flag.BOT).values("visitor").distinct().count() == BOTS
    assert not ViewedItem.objects.filter(visitor__identities__key="bot-1").exists()
    assert Rating.objects.count() > 0


@pytest.mark.django_db
def test_public_passwords_are_refused_in_production(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("seed_shop", stdout=StringIO())


@pytest.mark.django_db
def test_a_wrong_date_is_named(debug: None) -> None:
    with pytest.raises(CommandError, match="--today"):
        call_command("seed_shop", today="soon", stdout=StringIO())
