"""Writes the drawn year into the shop's own tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from shop_demo.models import Category, Order, OrderLine, Product
from shop_demo.seed.assortment import CATEGORIES, read_assortment
from shop_demo.seed.baskets import Market, draw_baskets
from shop_demo.seed.browsing import draw_looks
from shop_demo.seed.people import DEMO_PASSWORD, PERSONAS, draw_shoppers

if TYPE_CHECKING:
    from datetime import datetime

    from shop_demo.seed.assortment import Article
    from shop_demo.seed.baskets import Basket
    from shop_demo.seed.browsing import Look
    from shop_demo.seed.people import Shopper

BATCH = 1000
SOLD_OUT_SHARE, HIDDEN_SHARE = 0.05, 0.03


@dataclass(frozen=True, slots=True)
class Year:
    """What was drawn and written."""

    products: int
    customers: int
    orders: int
    lines: int
    looks: tuple[tuple[int, str, datetime], ...]  #: user, sku, moment; the shop itself keeps no such table


def fill_shop(*, seed: int, customers: int, today: datetime) -> Year | None:
    """A shop with a past, all or nothing. None when there are products already."""
    with transaction.atomic():
        if Product.objects.exists():
            return None
        rng = np.random.default_rng(seed)
        assortment = read_assortment()
        shoppers = draw_shoppers(rng, count=customers)
        market = Market(assortment, rng)
        baskets = draw_baskets(market, shoppers, today=today)
        looks = draw_looks(market, shoppers, baskets, today=today)
        products = _write_products(assortment, rng)
        users = _write_users(shoppers, today)
        lines = _write_orders(baskets, assortment, products, users)
        return Year(len(products), len(users), len(baskets), lines, _named(looks, assortment, users))


def _write_products(assortment: list[Article], rng: np.random.Generator) -> list[int]:
    Category.objects.bulk_create(Category(name=name, slug=slugify(name)) for name in CATEGORIES)
    categories = dict(Category.objects.values_list("name", "pk"))
    luck = rng.random(len(assortment))
    Product.objects.bulk_create(
        (
            Product(
                sku=article.sku,
                name=article.name,
                description=article.description,
                category_id=categories[article.category],
                price=article.price,
                tags=list(article.tags),
                shape=article.shape,
                stock=0 if chance < SOLD_OUT_SHARE else int(rng.integers(2, 60)),
                available=chance < 1 - HIDDEN_SHARE,
            )
            for article, chance in zip(assortment, luck, strict=True)
        ),
        batch_size=BATCH,
    )
    keys = dict(Product.objects.values_list("sku", "pk"))
    return [keys[article.sku] for article in assortment]


def _write_users(shoppers: list[Shopper], today: datetime) -> list[int]:
    """Only the people one may sign in as have a password. Accounts that are there already are kept."""
    known = {persona.shopper.username for persona in PERSONAS}
    User.objects.bulk_create(
        (
            User(
                username=shopper.username,
                first_name=shopper.first_name,
                last_name=shopper.last_name,
                email=f"{shopper.username}@example.com",
                password=make_password(DEMO_PASSWORD if shopper.username in known else None),
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
    baskets: list[Basket], assortment: list[Article], products: list[int], users: list[int]
) -> int:
    numbers = [f"{basket.placed_at:%y%m}-{row:05}" for row, basket in enumerate(baskets, 1)]
    Order.objects.bulk_create(
        (
            Order(customer_id=users[basket.shopper], number=number, placed_at=basket.placed_at)
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
            unit_price=assortment[line.article].price,
        )
        for basket, number in zip(baskets, numbers, strict=True)
        for line in basket.lines
    ]
    OrderLine.objects.bulk_create(lines, batch_size=BATCH)
    return len(lines)


def _named(
    looks: list[Look], assortment: list[Article], users: list[int]
) -> tuple[tuple[int, str, datetime], ...]:
    return tuple((users[look.shopper], assortment[look.article].sku, look.at) for look in looks)
