"""A cart that was only written down, and what rules may know of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext

from personalization.adapters import Page
from personalization.engine.promotions import price_cart, round_amount
from personalization.engine.rules import Money
from personalization.engine.types import Cart, CartLine
from personalization.exceptions import InvalidInputError
from personalization.store.item_facts import find_item_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE: Final = re.compile(r"(\S+(?: \S+)*?) ?(?:[×*]| x) ?([0-9]{1,6})")
_MOST: Final = 100
_LONGEST: Final = 300


def facts_of_cart(text: str, *, tenant: str) -> dict[str, object]:
    """Facts of a cart as `read_cart` reads it; nothing when nothing is written."""
    cart, items = read_cart(text, tenant=tenant)
    return {} if cart is None else price_cart(cart, items).facts()


def read_cart(text: str, *, tenant: str) -> tuple[Cart | None, Mapping[str, Mapping[str, object]]]:
    """A cart with a line for each item, its key, and behind a cross how many, with what is known of its items; None when
    nothing is written.

    Prices are the shop's own. Raises InvalidInputError with what is wrong in the reader's words.
    """
    lines = [" ".join(line.split())[:_LONGEST] for line in text.splitlines() if line.strip()]
    if not lines:
        return None, {}
    if len(lines) > _MOST:
        raise InvalidInputError("cart", gettext("At most 100 lines."))
    pieces = [(found[1], found[2]) if (found := _LINE.fullmatch(line)) else (line, "1") for line in lines]
    items = find_item_facts([key for key, _ in pieces], page=Page(tenant=tenant))
    prices = {key: _price(key, items) for key, _ in pieces}
    currencies = {price.currency for price in prices.values()}
    if len(currencies) > 1:
        raise InvalidInputError("cart", gettext("The prices are in several currencies."))
    currency = currencies.pop()
    cart = [CartLine(key, count, f"{round_amount(prices[key].amount, currency):f}") for key, count in pieces]
    return Cart(tuple(cart), currency), items


def _price(key: str, items: Mapping[str, Mapping[str, object]]) -> Money:
    if key not in items:
        raise InvalidInputError("cart", gettext("The shop has no item %(key)s.") % {"key": key})
    price = items[key].get("item.price")
    if not isinstance(price, Money):
        raise InvalidInputError("cart", gettext("The item %(key)s has no price.") % {"key": key})
    return price
