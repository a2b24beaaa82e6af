"""What is wrong with an adapter is said in plain words, and nothing the adapter does stops the doctor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from personalization.adapters import Adapter, Page
from personalization.engine.types import Identity, IdentityKind, OrderLine, OrderRecord
from personalization.management.doctor import Finding, Level, examine
from shop_demo.models import Order, Product
from shop_demo.models import OrderLine as Line
from shop_demo.personal import ShopAdapter
from tests.management.doctor.said import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    Use = Callable[[type], None]


def now() -> int:
    return int(timezone.now().timestamp() * 1_000_000)


def found() -> list[Finding]:
    return examine(tenant="", now=now())


def test_a_good_shop_is_seen_and_has_no_errors(shop: list[Order]) -> None:
    seen = found()
    assert not texts(seen, Level.ERROR)
    assert "mug · Mug · 9.50 EUR · Cups · 3 in stock · may be shown" in texts(seen, Level.FINE, "Products")
    assert "jug · Jug · 9.50 EUR · Cups · 3 in stock · may not be shown now" in texts(
        seen, Level.FINE, "Products"
    )
    orders = texts(seen, Level.FINE, "Orders").splitlines()
    assert len(orders) == 3
    assert all("1 line · of user" in line for line in orders)
    assert "3 users" in texts(seen, Level.FINE, "People")


class Branded(ShopAdapter):
    brand_field = "category__name"

    def stock(self, product: Product, page: Page) -> Decimal | None:
        return Decimal("2.500") if product.sku == "mug" else None


def test_brand_and_stock_are_said_where_they_are_known(shop: list[Order], use: Use) -> None:
    use(Branded)
    seen = texts(found(), Level.FINE, "Products")
    assert "mug · Mug · 9.50 EUR · Cups · by Cups · 2.5 in stock · may be shown" in seen
    assert "cup · Cup · 9.50 EUR · Cups · by Cups · may be shown" in seen


def test_an_empty_shop_is_no_error(db: None) -> None:
    seen = found()
    assert not texts(seen, Level.ERROR)
    assert "none yet" in texts(seen, Level.WARNING, "Products")
    assert "None counts yet" in texts(seen, Level.WARNING, "Orders")
    assert "Nobody can sign in yet" in texts(seen, Level.NOTE, "People")


class Raises(ShopAdapter):
    def iter_items(self, tenant: str = "") -> Any:
        raise RuntimeError("the shelf fell down\non the second line")


class NoKey(ShopAdapter):
    def record(self, product: Any) -> Any:
        return replace(super().record(product), key="")


class Forgets(ShopAdapter):
    def find_items(self, keys: Any, tenant: str = "") -> Any:
        return []


class Quarrels(ShopAdapter):
    def eligible_keys(self, keys: Any, page: Any) -> set[str]:
        return set(keys)


class Boasts(ShopAdapter):
    def newest_keys(self, count: int, page: Any) -> list[str]:
        return ["jug"]


class Variants(ShopAdapter):
    def canonical_keys(self, keys: Any, tenant: str = "") -> dict[str, str]:
        return {"cup": "mug"} if "cup" in keys else {}


class Sisters(ShopAdapter):
    def record(self, product: Any) -> Any:
        return replace(super().record(product), key="mug")


class TwoTruths(ShopAdapter):
    def find_order(self, key: str, tenant: str = "") -> Any:
        order = super().find_order(key, tenant)
        return order and replace(order, currency="USD")


class Future(ShopAdapter):
    def order_record(self, order: Any) -> Any:
        return replace(super().order_record(order), placed_at=now() + 9 * 86_400_000_000)


class Strangers(ShopAdapter):
    def order_line(self, line: Any) -> OrderLine:
        return OrderLine("nothing")


class OneUser(ShopAdapter):
    def user_key(self, user: object) -> str:
        return "everybody"


class NoUserKey(ShopAdapter):
    def user_key(self, user: object) -> str:
        return "x" * 300


class Typo(ShopAdapter):
    title_field = "nam"


class LongWay(ShopAdapter):
    category_field = "category__nam"


class LongAttribute(ShopAdapter):
    attribute_fields = {"shape": "shap"}


class NoStock(ShopAdapter):
    stock_field = "stok"


class Unread(ShopAdapter):
    order_paid = Q(pk__gt=0)


class NoLines(ShopAdapter):
    lines_name = "rows"


class NoChange(ShopAdapter):
    order_changed_fields = ("cancelled",)


class NoRefundDate(ShopAdapter):
    refunds_name = "lines"
    refund_date_field = "given_back"


@pytest.mark.parametrize(
    ("wrong", "about", "said"),
    [
        (Raises, "Products", "RuntimeError: the shelf fell down"),
        (NoKey, "Products", "'' cannot be a key"),
        (Forgets, "Products", "find_items() does not find it again"),
        (Quarrels, "Products", "do not agree"),
        (Boasts, "Products", "newest_keys() names products that may not be shown"),
        (Variants, "Products", "cup is a variant"),
        (Sisters, "Products", "Two products have one key"),
        (TwoTruths, "Orders", "does not tell the same"),
        (Future, "Orders", "in the future"),
        (Strangers, "Orders", "knows no product of their lines, such as 'nothing'"),
        (OneUser, "People", "gives two users one key"),
        (NoUserKey, "People", "user_key() gives"),
        (
            Typo,
            "Adapter",
            "title_field = 'nam' leads nowhere: shop_demo.Product has no 'nam'. Did you mean 'name'?",
        ),
        (LongWay, "Adapter", "has no 'nam'"),
        (LongAttribute, "Adapter", "attribute_fields['shape'] = 'shap' leads nowhere"),
        (NoStock, "Adapter", "Did you mean 'stock'?"),
        (Unread, "Adapter", "order_paid is nothing that is read"),
        (NoChange, "Adapter", "Did you mean 'cancelled_at'?"),
        (NoRefundDate, "Adapter", "refund_date_field = 'given_back' leads nowhere: shop_demo.OrderLine"),
        (NoLines, "Orders", "lines_name = 'rows' is no relation"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_what_does_not_work_is_an_error(
    shop: list[Order], use: Use, wrong: type, about: str, said: str
) -> None:
    use(wrong)
    seen = found()
    assert said in texts(seen, Level.ERROR, about)
    assert texts(seen, Level.FINE, "Pages")  # and the examination went on


class Bare(ShopAdapter):
    """An adapter that was begun."""

    order_model = ""
    currency = ""

    def url(self, product: Any) -> str:
        return ""


class Nobody(ShopAdapter):
    def order_record(self, order: Any) -> OrderRecord:
        return replace(super().order_record(order), identity=None, currency="")


class Hidden(ShopAdapter):
    def eligible_q(self, page: Any) -> Q:
        return Q(pk=None)


class OneByOne(ShopAdapter):
    def card(self, product: Any, page: Any) -> Any:
        Product.objects.get(pk=product.pk)
        return super().card(product, page)


class Profiles(ShopAdapter):
    def order_identity(self, order: Any) -> Identity:
        return Identity(IdentityKind.USER, "987654")


class NoRows(ShopAdapter):
    def order_line(self, line: Any) -> None:
        return None


@pytest.mark.parametrize(
    ("poor", "about", "said"),
    [
        (Bare, "Products", "None of them has any url"),
        (Bare, "Orders", "does not read orders"),
        (Nobody, "Orders", "Nobody is known to have placed them"),
        (Nobody, "Orders", "They have no currency"),
        (Hidden, "Products", "None of your products may be shown"),
        (OneByOne, "Products", "2 statements for one card, 4 for 3"),
        (Profiles, "People", "Orders are of user '987654', but nobody who signs in has that key"),
        (NoRows, "Orders", "They have no lines of products"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_what_could_be_more_is_a_warning(
    shop: list[Order], use: Use, poor: type, about: str, said: str
) -> None:
    use(poor)
    seen = found()
    assert said in texts(seen, Level.WARNING, about)
    assert not texts(seen, Level.ERROR)


def test_orders_that_are_not_read_come_with_the_lines_to_add(shop: list[Order], use: Use) -> None:
    use(Bare)
    (finding,) = [one for one in found() if "does not read orders" in one.text]
    assert finding.add.splitlines() == [
        'order_model = "shop_demo.Order"',
        "order_cancelled = Q(cancelled_at__isnull=False)",
        'refunds_name = "lines__returns"',
    ]
    assert finding.to == "tests/management/doctor/test_examination.py"


def test_addresses_of_guests_are_not_printed(shop: list[Order], use: Use) -> None:
    class Guests(ShopAdapter):
        def order_identity(self, order: Any) -> Identity:
            return Identity(IdentityKind.EMAIL, order.customer.email)

    use(Guests)
    seen = texts(found(), Level.FINE)
    assert "of a…@example.com" in seen
    assert "ann" not in seen


def test_products_that_left_the_shop_are_told(shop: list[Order]) -> None:
    gone = Product.objects.get(sku="cup")
    Line.objects.filter(product=gone).delete()
    gone.delete()
    assert not texts(found(), Level.ERROR)


def test_old_orders_are_found_without_reading_all(
    shop: list[Order], django_assert_max_num_queries: Any
) -> None:
    Order.objects.update(placed_at=timezone.now() - timedelta(days=200))
    with django_assert_max_num_queries(70):
        assert "W0" in texts(found(), Level.FINE, "Orders")


class Least(Adapter):
    """Written by hand, without orders."""

    def iter_items(self, tenant: str = "") -> Any:
        return ShopAdapter().iter_items(tenant)

    def find_items(self, keys: Any, tenant: str = "") -> Any:
        return ShopAdapter().find_items(keys, tenant)

    def cards(self, keys: Any, page: Any) -> Any:
        return ShopAdapter().cards(keys, page)

    def newest_keys(self, count: int, page: Any) -> Any:
        return ShopAdapter().newest_keys(count, page)


def test_an_adapter_without_attributes_is_examined_too(shop: list[Order], use: Use) -> None:
    use(Least)
    seen = found()
    assert not texts(seen, Level.ERROR)
    (finding,) = [one for one in seen if "does not read orders" in one.text]
    assert finding.add.startswith("def iter_orders(")


def test_users_are_looked_at_newest_first(shop: list[Order]) -> None:
    newest = User.objects.create_user("zoe")
    assert f"'{newest.pk}'" in texts(found(), Level.FINE, "People")
