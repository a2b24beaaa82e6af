"""How personalization reads this shop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Subquery

from personalization.adapters import DeclarativeAdapter
from personalization.engine.instants import from_micros, to_micros
from personalization.engine.types import Cart, CartLine, Identity, IdentityKind, OrderRecord
from personalization.engine.types import OrderLine as Line
from tests.hosts.boutique.models import Order, Price, Product, Refund
from tests.hosts.boutique.stores import FIRST, STORES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from personalization.adapters import Page
    from personalization.engine.types import ItemRecord
    from tests.hosts.boutique.stores import Store


def _store(page: Page) -> Store:
    return STORES.get(page.store, FIRST)


class BoutiqueAdapter(DeclarativeAdapter):
    """Garments stand for their sizes; what may be shown, and for how much, is asked of the store of the page."""

    product_model = "boutique.Product"
    title_field = "label"
    category_field = "department"

    def products(self) -> QuerySet[Product]:
        return Product.everything.filter(parent=None)

    def card_queryset(self, page: Page) -> QuerySet[Product]:
        store = _store(page)
        prices = Price.objects.filter(product=OuterRef("pk"), currency=store.currency)
        return self.products().annotate(
            personalization_eligible=Exists(Product.objects.shown(store).filter(pk=OuterRef("pk"))),
            amount=Subquery(prices.values("amount")[:1]),
        )

    def newest_keys(self, count: int, page: Page) -> list[str]:
        shown = Product.objects.shown(_store(page)).order_by("-created_at")
        return [str(key) for key in shown.values_list("pk", flat=True)[:count]]

    def canonical_keys(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        sizes = self.with_keys(Product.everything.exclude(parent=None), keys)
        return {str(size): str(garment) for size, garment in sizes.values_list("pk", "parent_id")}

    def record(self, product: Product) -> ItemRecord:
        return replace(super().record(product), active=product.deleted_at is None)

    def price(self, product: Any, page: Page) -> str:
        return "" if product.amount is None else str(product.amount)

    def currency_of(self, product: Any, page: Page) -> str:
        return _store(page).currency

    def iter_orders(self, since: int, tenant: str = "") -> Iterator[OrderRecord]:
        changed = from_micros(since)
        refunded = Refund.objects.filter(line__order=OuterRef("pk"), refunded_at__gte=changed)
        new = Q(placed_at__gte=changed) | Q(cancelled_at__gte=changed) | Exists(refunded)
        for order in self._orders().filter(new).iterator(chunk_size=500):
            yield self._record(order)

    def find_order(self, key: str, tenant: str = "") -> OrderRecord | None:
        order = self._orders().filter(pk=key).first()
        return None if order is None else self._record(order)

    def cart(self, request: HttpRequest) -> Cart:
        amounts = request.session.get("basket", {})
        return Cart(
            tuple(CartLine(key, quantity) for key, quantity in amounts.items()), request.store.currency
        )

    def consent(self, request: HttpRequest) -> bool | None:
        return {"yes": True, "no": False}.get(request.COOKIES.get("cookies_ok", ""))

    def store(self, request: HttpRequest) -> str:
        return getattr(request, "store", FIRST).code

    def _orders(self) -> QuerySet[Order]:
        return Order.objects.prefetch_related("lines__refunds").order_by("placed_at")

    def _record(self, order: Order) -> OrderRecord:
        lines = list(order.lines.all())
        by_email = Identity(IdentityKind.EMAIL, order.email)
        return OrderRecord(
            key=str(order.pk),
            placed_at=to_micros(order.placed_at),
            lines=tuple(_line(line, line.quantity) for line in lines),
            refunds=tuple(
                _line(line, refund.quantity, key=str(refund.pk), at=to_micros(refund.refunded_at))
                for line in lines
                for refund in line.refunds.all()
            ),
            identity=Identity(IdentityKind.USER, str(order.customer_id)) if order.customer_id else by_email,
            currency=order.currency,
            store=order.store,
            cancelled=order.cancelled_at is not None,
        )


def _line(line: Any, quantity: Any, *, key: str = "", at: int | None = None) -> Line:
    return Line(str(line.product_id), str(quantity), str(line.unit_price), key or str(line.pk), at)
