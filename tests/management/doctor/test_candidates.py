"""The models of a shop are found by what they have and what they are called."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings

from personalization.management.doctor import candidates
from shop_demo.models import Order, OrderLine, Product
from tests.adapters.bazaar.models import Basketful, BasketItem, Good, Price, Purchase, PurchaseRow
from tests.management.doctor.conftest import BARE


def test_the_demo_shop_is_found() -> None:
    found = candidates.find()
    assert found is not None
    assert (found.product, found.order, found.line) == (Product, Order, OrderLine)


@pytest.mark.usefixtures("bazaar")
def test_an_unusual_shop_is_found_too() -> None:
    found = candidates.find()
    assert found is not None
    assert (found.product, found.order, found.line) == (Good, Purchase, PurchaseRow)


@override_settings(INSTALLED_APPS=BARE)
def test_where_nothing_is_sold_nothing_is_found() -> None:
    assert candidates.find() is None


def test_orders_are_found_for_a_product_that_is_known() -> None:
    found = candidates.find(Product)
    assert found is not None
    assert found.order is Order
    alone = candidates.find(Group)  # whatever the shop says its products are
    assert alone is not None
    assert (alone.product, alone.order) == (Group, None)


@pytest.mark.parametrize("worse", [Order, OrderLine])
def test_products_look_more_like_products(worse: Any) -> None:
    assert candidates.product_score(Product) > candidates.product_score(worse)


@pytest.mark.usefixtures("bazaar")
@pytest.mark.parametrize("worse", [Price, BasketItem])
def test_unusual_products_do_too(worse: Any) -> None:
    assert candidates.product_score(Good) > candidates.product_score(worse)


def test_columns_are_found_by_type_where_the_name_is_unusual() -> None:
    assert candidates.quantity_column(PurchaseRow) == "qty"
    assert candidates.price_column(Price) == "amount"
    assert candidates.date_column(Basketful) == "ordered_date"
    assert candidates.user_column(Basketful) == "user"
    assert candidates.email_column(Purchase) == "customer__email"
    assert candidates.price_column(Group) == candidates.date_column(Group) == ""
