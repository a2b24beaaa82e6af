"""What the doctor says to write works when it is written."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from personalization.adapters import get_adapter
from personalization.management.doctor import Level, candidates, examine
from personalization.management.doctor.proposal import Proposal, propose
from shop_demo.models import Order, OrderLine, Product
from tests.management.doctor.said import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 2_000_000_000_000_000


def proposed() -> Proposal:
    found = candidates.find()
    assert found is not None
    return propose(found)


@pytest.fixture
def pasted(settings: Any) -> Iterator[Proposal]:
    """The shop after somebody pasted the lines into the files that were named."""
    slots, settings.PERSONALIZATION = settings.PERSONALIZATION["SLOTS"], {}
    proposal = proposed()
    name = proposal.file.removesuffix(".py").replace("/", ".") + "_pasted"
    module = sys.modules[name] = ModuleType(name)
    exec(compile(proposal.code, proposal.file, "exec"), module.__dict__)
    written: dict[str, Any] = {}
    exec(proposal.setting.replace(".personal.", ".personal_pasted."), written)
    settings.PERSONALIZATION = {**written["PERSONALIZATION"], "SLOTS": slots}
    yield proposal
    del sys.modules[name]


def test_the_pasted_lines_make_the_shop_work(pasted: Proposal, shop: list[Order]) -> None:
    found = examine(tenant="", now=NOW)
    assert not texts(found, Level.ERROR)
    assert "Cups · 3 in stock · may be shown" in texts(found, Level.FINE, "Products")
    assert "may not be shown now" in texts(found, Level.FINE, "Products")
    assert f"of user {shop[3].customer_id}" in texts(found, Level.FINE, "Orders")


def test_a_shop_that_names_its_products_alone_is_told_the_whole_adapter(
    settings: Any, shop: list[Order]
) -> None:
    settings.PERSONALIZATION = {"PRODUCT_MODEL": "shop_demo.Product"}
    seen = examine(tenant="", now=NOW)
    to_write, to_name = (one for one in seen if one.about == "Adapter" and one.level == Level.NOTE)
    assert (to_write.add, to_write.to) == (proposed().code, "shop_demo/personal.py, a new file")
    assert to_name.add == proposed().setting
    (orders,) = (one for one in seen if "does not read orders" in one.text)
    assert orders.to == "shop_demo/personal.py"
    assert orders.add.startswith('order_model = "shop_demo.Order"')


@pytest.mark.django_db
def test_products_without_orders_are_told_which_attribute_is_missing(settings: Any) -> None:
    settings.PERSONALIZATION = {"PRODUCT_MODEL": "auth.Group"}
    (orders,) = (one for one in examine(tenant="", now=NOW) if "does not read orders" in one.text)
    assert orders.add == 'order_model = "…"  # none was found'


def test_the_pasted_adapter_reads_every_order(pasted: Proposal, shop: list[Order]) -> None:
    records = list(get_adapter().iter_orders(0))
    assert {record.key for record in records} == {str(order.pk) for order in shop}
    assert all(record.lines and record.identity and record.currency for record in records)
    Order.objects.update(cancelled_at=shop[0].placed_at)
    assert all(record.cancelled for record in get_adapter().iter_orders(0))


def test_only_what_is_not_found_by_itself_is_to_be_written() -> None:
    proposal = proposed()
    assert proposal.file == "shop_demo/personal.py"
    assert proposal.setting == 'PERSONALIZATION = {"ADAPTER": "shop_demo.personal.ShopAdapter"}'
    assert [line.strip() for line in proposal.code.splitlines() if " = " in line] == [
        'product_model = "shop_demo.Product"',
        'category_field = "category__name"',
        'currency = "EUR"  # the currency of your prices',
        "available = Q(available=True, stock__gt=0)",
        'order_model = "shop_demo.Order"',
        "order_cancelled = Q(cancelled_at__isnull=False)",
        'refunds_name = "lines__returns"',
    ]


@pytest.mark.usefixtures("bazaar")
def test_prices_variants_and_refunds_elsewhere_are_found() -> None:
    code = proposed().code
    for line in (
        'parent_field = "parent"',
        'price_field = "prices__amount"',
        'currency_field = "prices__currency"',
        'refunds_name = "purchaserow_set__returns"',
    ):
        assert f"    {line}\n" in f"{code}\n"
    assert "Q(" not in code
    assert "import Q" not in code


def test_a_shop_without_orders_gets_its_products() -> None:
    code = propose(candidates.Candidate(Product)).code
    assert "product_model" in code
    assert "order_model" not in code


@pytest.mark.parametrize("line", [None, OrderLine])
def test_orders_alone_are_no_lines(line: Any) -> None:
    from personalization.management.doctor.proposal import order_lines

    assert bool(order_lines(candidates.Candidate(Product, Order, line))) is (line is not None)
