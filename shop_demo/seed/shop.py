"""Writes the drawn year into the shop's own tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from shop_demo.models import Category, Order, OrderLine, Price, Product, Variant
from shop_demo.seed.assortment import CATEGORIES, read_assortment
from shop_demo.seed.baskets import draw_baskets
from shop_demo.seed.browsing import BOTS, draw_browsing
from shop_demo.seed.market import PAST, Market
from shop_demo.seed.people import DEMO_PASSWORD, PERSONAS, draw_shoppers
from shop_demo.seed.reviews import draw_reviews
from shop_demo.seed.truth import bot_name, tell_truth
from shop_demo.seed.variants import variants_of
from shop_demo.stores import CHINA, EUROPE, STORES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shop_demo.seed.assortment import Article
    from shop_demo.seed.baskets import Basket
    from shop_demo.seed.browsing import Look
    from shop_demo.seed.people import Shopper
    from shop_demo.seed.reviews import Review
    from shop_demo.stores import Store

BATCH = 1000
YUAN = 7.8  #: for a euro
ON_SALE = 16  #: one article of so many is cheaper from today on
SALE = 0.8


@dataclass(frozen=True, slots=True)
class Seen:
    """Who, which product, when; a user's key, or a bot's name."""

    who: int | str
    sku: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said(Seen):
    """A rating."""

    stars: int
    text: str


@dataclass(frozen=True, slots=True)
class Year:
    """What was drawn and written, and what the shop itself keeps no table of."""

    products: int
    customers: int
    orders: int
    lines: int
    views: tuple[Seen, ...]
    carts: tuple[Seen, ...]
    bots: tuple[Seen, ...]
    ratings: tuple[Said, ...]
    truth: dict[str, Any]


def fill_shop(*, seed: int, customers: int, today: datetime) -> Year | None:
    """A shop with a past, all or nothing. None when there are products already."""
    with transaction.atomic():
        if Product.objects.exists():
            return None
        rng = np.random.default_rng(seed)
        shoppers = draw_shoppers(rng, count=customers)
        market = Market(read_assortment(), rng, (today - timedelta(days=PAST)).date())
        liking = market.liking(shoppers)
        baskets, habits = draw_baskets(market, shoppers, liking)
        past = [basket for basket in baskets if not basket.held_out]
        browsing = draw_browsing(market, shoppers, past, liking)
        reviews = draw_reviews(market, shoppers, past, today=today)
        products = _write_products(market)
        users = _write_users(shoppers, today)
        lines = _write_orders(past, market, shoppers, products, users)
        skus = [article.sku for article in market.assortment]
        return Year(
            products=len(products),
            customers=len(users),
            orders=len(past),
            lines=lines,
            views=_seen(browsing.views, skus, users),
            carts=_seen(browsing.carts, skus, users),
            bots=_seen(browsing.bots, skus, [bot_name(number) for number in range(BOTS)]),
            ratings=_said(reviews, skus, users),
            truth=tell_truth(market, shoppers, baskets, habits, seed=seed, today=today),
        )


def _write_products(market: Market) -> list[int]:
    Category.objects.bulk_create(Category(name=name, slug=slugify(name)) for name in CATEGORIES)
    categories = dict(Category.objects.values_list("name", "pk"))
    pieces = market.rng.integers(2, 60, len(market.assortment))
    Product.objects.bulk_create(
        (
            Product(
                sku=article.sku,
                name=article.name,
                name_zh=article.name_zh,
                description=article.descriptions["en"],
                description_zh=article.descriptions["zh-hans"],
                attributes=article.attributes,
                brand=article.brand.name,
                launched_on=market.first_day + timedelta(days=int(market.launched[row])),
                category_id=categories[article.category],
                price=_price(EUROPE, _price_today(market, row)),
                price_cny=_price_in_china(article, _price_today(market, row)),
                tags=article.tags,
                shape=article.kind.shape,
                stock=0 if market.sold_out[row] else int(pieces[row]),
                available=not market.hidden[row],
            )
            for row, article in enumerate(market.assortment)
        ),
        batch_size=BATCH,
    )
    keys = dict(Product.objects.values_list("sku", "pk"))
    products = [keys[article.sku] for article in market.assortment]
    Price.objects.bulk_create(_price_rows(market, products), batch_size=BATCH)
    Variant.objects.bulk_create(_variant_rows(market, products), batch_size=BATCH)
    return products


def _variant_rows(market: Market, products: list[int]) -> Iterable[Variant]:
    stocks = dict(Product.objects.values_list("pk", "stock"))
    for article, product in zip(market.assortment, products, strict=True):
        for made in variants_of(article, stocks[product]):
            yield Variant(
                product_id=product, sku=made.sku, size=made.size, color=made.color, stock=made.stock
            )


def _price_rows(market: Market, products: list[int]) -> Iterable[Price]:
    """From its launch, or the first day of the year, and from every day on which the price changed."""
    for row, product in enumerate(products):
        start = max(0, int(market.launched[row]))
        changes = np.flatnonzero(np.diff(market.prices[row, start : PAST + 1])) + start + 1
        told = {day: market.prices[row, day] for day in (start, *changes.tolist())}
        if (today := _price_today(market, row)) != market.prices[row, PAST]:
            told[PAST] = today
        for day, price in told.items():
            yield Price(
                product_id=product,
                since=market.first_day + timedelta(days=day),
                price=_price(EUROPE, price),
                price_cny=_price_in_china(market.assortment[row], price),
            )


def _price_today(market: Market, row: int) -> float:
    """What the year ends with, and a fifth less for what is on sale; the draws know nothing of that."""
    price = float(market.prices[row, PAST])
    on_sale = not crc32(market.assortment[row].sku.encode()) % ON_SALE and price > 20
    return float(round(price * SALE)) if on_sale else price


def _price(store: Store, price: float) -> Decimal:
    """From the price in Europe; prices in China end in a nine."""
    if store is CHINA:
        return Decimal(max(9, round(price * YUAN / 10) * 10 - 1)).quantize(Decimal("0.01"))
    return Decimal(f"{price:.2f}")


def _price_in_china(article: Article, price: float) -> Decimal | None:
    return _price(CHINA, price) if CHINA.code in article.brand.stores else None


def _write_users(shoppers: list[Shopper], today: datetime) -> list[int]:
    """Only the people one may sign in as have a password. Accounts that are there already are kept."""
    public = make_password(DEMO_PASSWORD)  # known to everybody, so one hash does for all
    known = {persona.shopper.username: public for persona in PERSONAS}
    User.objects.bulk_create(
        (
            User(
                username=shopper.username,
                first_name=shopper.first_name,
                last_name=shopper.last_name,
                email=f"{shopper.username}@example.com",
                password=known.get(shopper.username) or make_password(None),
                date_joined=today,
            )
            for shopper in shoppers
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    keys = dict(User.objects.values_list("username", "pk"))
    return [keys[shopper.username] for shopper in shoppers]


def _write_orders(
    baskets: list[Basket], market: Market, shoppers: list[Shopper], products: list[int], users: list[int]
) -> int:
    """At the prices of their day, in the store where their customer shops."""
    stores = [STORES[shopper.store] for shopper in shoppers]
    numbers = [f"{basket.placed_at:%y%m}-{row:05}" for row, basket in enumerate(baskets, 1)]
    Order.objects.bulk_create(
        (
            Order(
                customer_id=users[basket.shopper],
                number=number,
                placed_at=basket.placed_at,
                store=stores[basket.shopper].code,
                currency=stores[basket.shopper].currency,
            )
            for basket, number in zip(baskets, numbers, strict=True)
        ),
        batch_size=BATCH,
    )
    keys = dict(Order.objects.values_list("number", "pk"))
    lines = [
        OrderLine(
            order_id=keys[number],
            product_id=products[line.article],
            quantity=line.quantity,
            unit_price=_price(stores[basket.shopper], market.prices[line.article, basket.day]),
        )
        for basket, number in zip(baskets, numbers, strict=True)
        for line in basket.lines
    ]
    OrderLine.objects.bulk_create(lines, batch_size=BATCH)
    return len(lines)


def _seen(looks: list[Look], skus: list[str], who: list[int] | list[str]) -> tuple[Seen, ...]:
    return tuple(Seen(who[look.shopper], skus[look.article], look.at) for look in looks)


def _said(reviews: list[Review], skus: list[str], users: list[int]) -> tuple[Said, ...]:
    return tuple(
        Said(users[said.shopper], skus[said.article], said.at, said.stars, said.text) for said in reviews
    )
