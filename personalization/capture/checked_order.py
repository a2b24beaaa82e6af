"""An order as the adapter tells it → what can be stored of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from personalization.capture import cell
from personalization.capture.quarantine import Problem
from personalization.engine.ids import is_key, storable
from personalization.exceptions import InvalidInputError
from personalization.store.orders import line_digest, order_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalization.engine.types import Identity, OrderLine, OrderRecord

STORE_LENGTH: Final = 32

_QUANTITY: Final = (Decimal("0.001"), Decimal(10) ** 9)
_PRICE: Final = (Decimal("0.0001"), Decimal(10) ** 11)


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line that can be stored, if its item is known. ``at``: UTC microseconds."""

    digest: bytes
    item: str
    quantity: Decimal
    unit_price: Decimal | None
    at: int


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """What can be stored of an order. ``bad``: lines that cannot, by reason."""

    key: str
    prefix: bytes
    placed_at: int
    lines: tuple[CheckedLine, ...] = ()
    refunds: tuple[CheckedLine, ...] = ()
    identity: Identity | None = None
    currency: str = ""
    store: str = ""
    cancelled: bool = False
    bad: Counter[str] = field(default_factory=Counter)


def checked_key(key: object) -> str:
    """The key of an order. Raises InvalidInputError naming ``order``."""
    if not isinstance(key, str) or not key.strip() or isinstance(cell.order(key), Problem):
        message = _("The key of an order is text of 1 to %(length)d characters that can be stored.")
        raise InvalidInputError("order", message % {"length": cell.ORDER_LENGTH})
    return key


def check_order(record: OrderRecord, *, tenant: str, now: int) -> CheckedOrder:
    """The order without the lines that no database could hold.

    Raises InvalidInputError naming ``order``, ``placed_at``, ``identity``, ``currency`` or ``store``.
    """
    key = checked_key(record.key)
    prefix, bad = order_prefix(key, tenant=tenant), Counter[str]()
    placed_at = _instant(record.placed_at, now)
    if placed_at is None:
        raise InvalidInputError("placed_at", _("An order has happened, and since 1990 (UTC microseconds)."))
    if isinstance(cell.currency(record.currency), Problem):
        raise InvalidInputError("currency", _("A currency is three capital letters, or nothing."))
    if len(record.store) > STORE_LENGTH or storable(record.store) != record.store:
        message = _("A store has at most %(length)d characters.") % {"length": STORE_LENGTH}
        raise InvalidInputError("store", message)

    def checked(lines: Sequence[OrderLine], sort: str) -> tuple[CheckedLine, ...]:
        read = [_line(line, digest, placed_at, now) for line, digest in _numbered(lines, prefix, sort)]
        bad.update(problem.value for problem in read if isinstance(problem, Problem))
        return tuple(line for line in read if isinstance(line, CheckedLine))

    return CheckedOrder(
        key=key,
        prefix=prefix,
        placed_at=placed_at,
        lines=checked(record.lines, "purchase"),
        refunds=checked(record.refunds, "refund"),
        identity=_identity(record.identity),
        currency=record.currency,
        store=record.store,
        cancelled=record.cancelled,
        bad=bad,
    )


def _numbered(lines: Sequence[OrderLine], prefix: bytes, sort: str) -> list[tuple[OrderLine, bytes]]:
    """Lines with their unique keys: the shop's own key of a line, else its item, and how often that stood above."""
    seen: Counter[tuple[str, str]] = Counter()
    numbered = []
    for line in lines:
        sign, text = ("key", line.key) if line.key else ("item", line.item)
        name = (sign, storable(str(text)))  # a digest is made of text that has bytes
        numbered.append((line, line_digest(prefix, sort, *name, str(seen[name]))))
        seen[name] += 1
    return numbered


def _line(line: OrderLine, digest: bytes, placed_at: int, now: int) -> CheckedLine | Problem:
    item = cell.key(line.item or "", Problem.MISSING_ITEM)
    quantity = _number(line.quantity, *_QUANTITY)
    price = None if line.unit_price in ("", None) else _number(line.unit_price, *_PRICE)
    at = placed_at if line.at is None else _instant(line.at, now)
    if isinstance(item, Problem):
        return item
    if quantity is None or not quantity:
        return Problem.BAD_QUANTITY
    if quantity < 0:
        return Problem.NEGATIVE_QUANTITY
    if line.unit_price not in ("", None) and (price is None or price < 0):
        return Problem.BAD_PRICE
    return Problem.TIME_OUT_OF_RANGE if at is None else CheckedLine(digest, item, quantity, price, at)


def _number(text: object, step: Decimal, limit: Decimal) -> Decimal | None:
    """The number as its column holds it, rounded: shops that count with floats write 19.990000000000002."""
    try:
        number = Decimal(str(text)).quantize(step)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < limit else None


def _instant(at: object, now: int) -> int | None:
    return at if isinstance(at, int) and cell.EARLIEST <= at <= now + cell.DAY else None


def _identity(identity: Identity | None) -> Identity | None:
    """An address that was left empty is nobody's."""
    if identity is None or not identity.key or identity.key.isspace():
        return None
    if not is_key(identity.key):
        raise InvalidInputError("identity", _("This cannot be the key of a customer."))
    return identity
