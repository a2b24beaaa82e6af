"""How much of what was planted in the demo's data is found again, on orders that nobody learned from."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction

from personalization.shortcuts import Identity, IdentityKind, recommend
from shop_demo.models import Order, OrderLine, Product
from shop_demo.seed.shop import fill_shop
from shop_demo.seed.truth import write_truth

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = int(TODAY.timestamp() * 1_000_000)
PLAIN = {"plain": {"KIND": "popular", "RECOMMENDER": "popularity"}}


def hit_rate(slot: str, held_out: list[tuple[int, set[str]]]) -> float:
    """The share of orders of which the ten items that the slot shows hold one or more."""
    shown: dict[int, set[str]] = {}
    for user, _ in held_out:
        if user not in shown:
            answer = recommend(Identity(IdentityKind.USER, str(user)), slot=slot, count=10, now=NOW)
            shown[user] = {item.key for item in answer.items}
            assert len(shown[user]) == 10
    return sum(bool(products & shown[user]) for user, products in held_out) / len(held_out)


def orders_of_new_things(truth: dict[str, Any]) -> list[tuple[int, set[str]]]:
    """Held-out orders, less what their customers had before: nobody is recommended what they have."""
    users = dict(User.objects.values_list("username", "pk"))
    had: dict[int, set[str]] = {}
    for user, sku in OrderLine.objects.values_list("order__customer", "product__sku"):
        had.setdefault(user, set()).add(sku)
    orders = [(users[order["shopper"]], set(order["products"])) for order in truth["held_out"]]
    fresh = [(user, products - had.get(user, set())) for user, products in orders]
    return [(user, products) for user, products in fresh if products]


@pytest.mark.slow
def test_for_you_finds_three_times_as_many_held_out_orders_as_popularity(
    debug: None, settings: Any, tmp_path: Path
) -> None:
    settings.PERSONALIZATION = {
        **settings.PERSONALIZATION,
        "SLOTS": {**settings.PERSONALIZATION["SLOTS"], **PLAIN},
    }
    call_command("seed_shop", today=TODAY.isoformat(), stdout=StringIO())
    call_command("rebuild_recommendations", as_of=TODAY.isoformat(), json=True, stdout=StringIO())
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    held_out = orders_of_new_things(truth)
    assert len(held_out) > 500
    assert hit_rate("for_you", held_out) >= 3 * hit_rate("plain", held_out)


def plant(folder: Path, *, seed: int) -> bytes:
    """What the file says after a shop was filled, which is empty again afterwards."""
    with transaction.atomic():
        year = fill_shop(seed=seed, customers=100, today=TODAY)
        assert year is not None
        transaction.set_rollback(True)
    return write_truth(year.truth, folder).read_bytes()


def test_one_seed_plants_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert plant(tmp_path, seed=7) == plant(tmp_path, seed=7)
    assert plant(tmp_path, seed=7) != plant(tmp_path, seed=8)


def test_held_out_orders_lie_after_today_and_are_unknown_to_the_shop() -> None:
    year = fill_shop(seed=7, customers=100, today=TODAY)
    assert year is not None
    held_out = year.truth["held_out"]
    placed = [datetime.fromisoformat(order["at"]) for order in held_out]
    assert TODAY < min(placed) < max(placed) < TODAY + timedelta(days=year.truth["held_out_days"] + 1)
    assert Order.objects.count() == year.orders
    assert not Order.objects.filter(placed_at__gte=TODAY).exists()
    for_sale = set(Product.objects.filter(available=True, stock__gt=0).values_list("sku", flat=True))
    assert {sku for order in held_out for sku in order["products"]} <= for_sale


def test_companions_are_bought_together_far_more_often_than_by_chance() -> None:
    year = fill_shop(seed=7, customers=300, today=TODAY)
    assert year is not None
    orders: dict[int, set[str]] = {}
    for order, sku in OrderLine.objects.values_list("order", "product__sku"):
        orders.setdefault(order, set()).add(sku)
    sold = Counter(sku for skus in orders.values() for sku in skus)
    pairs = {(sku, other) for sku, others in year.truth["companions"].items() for other in others}
    together = sum(pair[1] in skus for skus in orders.values() for pair in pairs if pair[0] in skus)
    by_chance = sum(sold[sku] * sold[other] for sku, other in pairs) / len(orders)
    assert together > 20 * by_chance


def test_people_buy_what_they_have_a_taste_for() -> None:
    year = fill_shop(seed=7, customers=300, today=TODAY)
    assert year is not None
    shoppers, products = year.truth["shoppers"], year.truth["products"]

    def fit(name: str, sku: str) -> float:
        return sum(shoppers[name]["taste"].get(theme, 0) for theme in products[sku]["themes"])

    lines = OrderLine.objects.values_list("order__customer__username", "product__sku")
    bought = [fit(name, sku) for name, sku in lines]
    anything = [fit(name, sku) for name in shoppers for sku in products]
    assert fmean(bought) > 2 * fmean(anything)


def test_bots_look_at_hundreds_of_pages_and_buy_nothing() -> None:
    year = fill_shop(seed=7, customers=20, today=TODAY)
    assert year is not None
    views = Counter(seen.who for seen in year.bots)
    assert set(views) == set(year.truth["bots"])
    assert min(views.values()) >= 200
