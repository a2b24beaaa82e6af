"""The contract of adapters accepts what is right and refuses what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from personalization.adapters import DeclarativeAdapter
from personalization.testing import AdapterContract
from shop_demo.models import Category, Order, OrderLine, Product
from shop_demo.personal import ShopAdapter

CHECKS = [name for name in vars(AdapterContract) if name.startswith("test_")]


class Filled(AdapterContract):
    adapter = ShopAdapter

    def prepare(self) -> None:
        if Product.objects.exists():
            return
        category = Category.objects.create(name="Cups", slug="cups")
        for sku in ("mug", "cup", "pot"):
            Product.objects.create(sku=sku, name=sku, category=category, price="9.50", stock=sku != "pot")
        for number in ("A1", "A2"):
            user = User.objects.create_user(number)
            order = Order.objects.create(customer=user, number=number, placed_at=timezone.now())
            for product in Product.objects.all():
                OrderLine.objects.create(order=order, product=product, quantity=2, unit_price="9.50")


@pytest.mark.django_db
class TestTheDemoShop(Filled):
    pass


class OneByOne(ShopAdapter):
    def cards(self, keys, page):
        return {key: card for one in keys for key, card in super(OneByOne, self).cards([one], page).items()}


class Raises(ShopAdapter):
    def find_items(self, keys, tenant=""):
        return [self.record(Product.objects.get(sku=key)) for key in keys]


class OtherOrders(ShopAdapter):
    def find_order(self, key, tenant=""):
        found = super().find_order(key, tenant)
        return found and replace(found, currency="USD")


class Seconds(ShopAdapter):
    def order_record(self, order):
        return replace(super().order_record(order), placed_at=order.placed_at.timestamp())


class SoldOut(ShopAdapter):
    def eligible_keys(self, keys, page):
        return set(keys) & set(Product.objects.values_list("sku", flat=True))


class Nameless(ShopAdapter):
    title_field = "description"

    def record(self, product):
        return replace(super().record(product), title="")


class OneTag(ShopAdapter):
    def tags(self, product):
        return "new"


class NumberOf(ShopAdapter):
    def attributes(self, product):
        return {"height": 12}


class Dated(ShopAdapter):
    def listed_at(self, product):
        return timezone.now()


class Flagged(ShopAdapter):
    def stock(self, product, page):
        return product.stock > 0


class After(ShopAdapter):
    def iter_orders(self, since, tenant=""):
        return (order for order in super().iter_orders(since, tenant) if order.placed_at > since)


class Ladder(ShopAdapter):
    def canonical_keys(self, keys, tenant=""):
        steps = {"cup": "mug", "mug": "pot"}
        return {key: steps[key] for key in keys if key in steps}


class NoChunks(ShopAdapter):
    def orders(self):
        return Order.objects.all()

    def order_line(self, line):
        Product.objects.count(), Category.objects.count(), User.objects.count()
        return super().order_line(line)


WRONG = {
    OneByOne: "test_more_cards_cost_no_more_statements",
    Raises: "test_keys_of_nothing_find_nothing",
    OtherOrders: "test_orders_are_found_by_their_keys",
    Seconds: "test_orders_say_when_and_whose",
    SoldOut: "test_eligibility_takes_one_statement_and_agrees_with_the_cards",
    Nameless: "test_products_have_titles_and_prices_that_are_numbers",
    **dict.fromkeys((OneTag, NumberOf, Dated, Flagged), "test_what_rules_read_is_of_its_type"),
    After: "test_orders_come_again_from_the_instant_they_were_placed",
    Ladder: "test_variants_lead_to_products_that_stand_for_themselves",
    NoChunks: "test_orders_come_by_the_chunk",
}


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", WRONG, ids=lambda adapter: adapter.__name__)
def test_what_is_wrong_is_refused(wrong: type[DeclarativeAdapter]) -> None:
    contract = type("Contract", (Filled,), {"adapter": wrong})()
    contract.prepare()
    failed = set()
    for name in CHECKS:
        try:
            getattr(contract, name)()
        except Exception:  # noqa: BLE001 - an adapter may fail in any way
            failed.add(name)
    assert WRONG[wrong] in failed
    assert len(failed) < len(CHECKS)


@pytest.mark.django_db
def test_an_empty_shop_says_what_is_missing() -> None:
    empty = type("Contract", (AdapterContract,), {"adapter": ShopAdapter})()
    with pytest.raises(AssertionError, match="fewer than two products"):
        empty.test_something_may_be_shown()
