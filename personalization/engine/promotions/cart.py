"""A cart with its prices checked, and what rules may know of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.errors import InvalidInputError
from personalization.engine.ids import is_key
from personalization.engine.promotions.money import LIMIT, add_up, exponent, multiply, parse_amount, trimmed
from personalization.engine.rules.facts import Money, OpenTexts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.types import Cart, CartLine

#: How many lines a cart may have.
MOST_LINES: Final = 1_000

_QUANTITY = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
_FACTS: Final = {"categories": "item.category", "brands": "item.brand"}


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a cart. ``unit_price`` and ``total`` in major units, with the decimals of the currency; ``facts``: what
    rules may know of its item, by name (``item.category``)."""

    key: str
    item: str
    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PricedCart:
    """Lines by key, which are all different, in one currency."""

    lines: tuple[PricedLine, ...]
    currency: str

    @property
    def subtotal(self) -> Decimal:
        """What the lines cost together."""
        return add_up([line.total for line in self.lines])

    def facts(self) -> dict[str, object]:
        """What rules may know of the cart, by name. An item of which nothing is known may be of any category."""
        lines = self.lines
        texts = frozenset[str] if all(line.facts for line in lines) else OpenTexts
        return {
            "cart.subtotal": Money(self.subtotal, self.currency),
            "cart.quantity": add_up([line.quantity for line in lines]),
            "cart.currency": self.currency,
            "cart.items": frozenset([line.item for line in lines]),
            "cart.tags": texts([tag for line in lines for tag in _texts(line.facts.get("item.tags"))]),
            **{
                f"cart.{name}": texts([str(line.facts[fact]) for line in lines if line.facts.get(fact)])
                for name, fact in _FACTS.items()
            },
        }


def price_cart(cart: Cart, items: Mapping[str, Mapping[str, object]]) -> PricedCart:
    """The cart with its totals. ``items``: facts by item key; of an item that is not there nothing is known.

    A line without a key gets one from what it holds, so that the order of lines never matters. Raises
    InvalidInputError naming ``currency``, ``lines``, ``item``, ``quantity``, ``unit_price`` or ``key``.
    """
    exponent(cart.currency)
    if len(cart.lines) > MOST_LINES:
        raise InvalidInputError("lines", f"expected at most {MOST_LINES:,} lines", code="count")
    alike: Counter[str] = Counter()
    lines = [_priced(line, cart.currency, items, alike) for line in cart.lines]
    if len({line.key for line in lines}) < len(lines):
        raise InvalidInputError("key", "expected a different key for every line", code="key")
    if add_up([line.total for line in lines]) >= LIMIT:
        raise InvalidInputError("lines", f"expected less than {LIMIT:,} in all", code="range")
    return PricedCart(tuple(sorted(lines, key=lambda line: line.key)), cart.currency)


def _priced(
    line: CartLine, currency: str, items: Mapping[str, Mapping[str, object]], alike: Counter[str]
) -> PricedLine:
    if not is_key(line.item):
        raise InvalidInputError("item", "expected the key of an item", code="key")
    quantity = _quantity(line.quantity)
    price = parse_amount(line.unit_price, currency, field="unit_price")
    key = _key(line, f"{line.item}×{quantity}@{price}", alike)
    return PricedLine(
        key, line.item, quantity, price, multiply(price, quantity, currency), items.get(line.item, {})
    )


def _quantity(text: object) -> Decimal:
    if not isinstance(text, str) or not _QUANTITY.fullmatch(text):
        raise InvalidInputError("quantity", "expected a number of pieces such as 2 or 0.125", code="quantity")
    quantity = trimmed(Decimal(text))
    if not quantity:
        raise InvalidInputError("quantity", "expected more than 0", code="quantity")
    return quantity


def _key(line: CartLine, held: str, alike: Counter[str]) -> str:
    """The line's own key, else what it holds and which of several such lines it is."""
    if line.key:
        if not is_key(line.key):
            raise InvalidInputError("key", "expected the key of a line", code="key")
        return line.key
    alike[held] += 1
    return f"{held}#{alike[held]}"


def _texts(value: Any) -> frozenset[str]:
    return frozenset(value or ())
