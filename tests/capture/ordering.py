"""A shop whose orders lie in memory: what the tests of orders read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.types import Identity, IdentityKind, Kind, OrderLine, OrderRecord
from personalization.models import Event
from tests.goods import GoodsAdapter, clear, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ORDERING: Final = {"ADAPTER": f"{__name__}.OrderingAdapter"}
NOON: Final = 1_700_000_000_000_000
DAY: Final = 86_400_000_000
ANN: Final = Identity(IdentityKind.USER, "ann")
GUEST: Final = Identity(IdentityKind.EMAIL, "guest@example.com")

_orders: dict[str, OrderRecord] = {}


class OrderingAdapter(GoodsAdapter):
    """Sells cups, plates and shirts; a shirt is a variant, such as ``shirt/red``."""

    def canonical_keys(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        return {key: key.split("/")[0] for key in keys if "/" in key}

    def iter_orders(self, since: int, tenant: str = "") -> Iterator[OrderRecord]:
        return iter([order for order in _orders.values() if order.placed_at >= since])

    def find_order(self, key: str, tenant: str = "") -> OrderRecord | None:
        return _orders.get(key)


def open_shop() -> None:
    """Products, and no orders."""
    clear()
    _orders.clear()
    for key in ("cup", "plate", "shirt"):
        put(key)


def line(item: str = "cup", quantity: str = "1", price: str = "", key: str = "", **values: Any) -> OrderLine:
    return OrderLine(item, quantity, price, key, **values)


def place(*lines: OrderLine, key: str = "o-1", **values: Any) -> OrderRecord:
    """The shop keeps this order from now on."""
    values = {"identity": ANN, "placed_at": NOON, **values}
    _orders[key] = order = OrderRecord(key=key, lines=lines, **values)
    return order


def change(key: str = "o-1", **values: Any) -> None:
    """The shop changes an order."""
    _orders[key] = replace(_orders[key], **values)


def lose(key: str = "o-1") -> None:
    """The shop does not know the order any more."""
    del _orders[key]


def events(kind: Kind = Kind.PURCHASE) -> list[tuple[str, Decimal]]:
    """Item and quantity of what is stored, in order."""
    rows = Event.objects.filter(kind=kind).values_list("item__key", "quantity")
    return sorted((item, quantity.normalize()) for item, quantity in rows)


def left() -> dict[str, Decimal]:
    """Items → pieces that were bought and not given back."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item, quantity in events(Kind.PURCHASE):
        sums[item] += quantity
    for item, quantity in events(Kind.REFUND):
        sums[item] -= quantity
    return dict(sums)
