"""What lies in the shopper's cart is not recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import Adapter, get_adapter
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from django.http import HttpRequest

_ATTRIBUTE: Final = "_personalization_in_cart"
_NOTHING: Final[frozenset[str]] = frozenset()


def keys_in_cart(request: HttpRequest | None) -> frozenset[str]:
    """Keys of the items in the cart of a request, and of those that its variants belong to; asked for once, none when
    the cart cannot be read."""
    if request is None or type(get_adapter()).cart is Adapter.cart:
        return _NOTHING  # a shop whose carts we cannot read costs nothing
    keys: frozenset[str] | None = getattr(request, _ATTRIBUTE, None)
    if keys is None:
        keys = shielded(lambda: _read(request), what="reading the cart", otherwise=_NOTHING)
        setattr(request, _ATTRIBUTE, keys)
    return keys


def _read(request: HttpRequest) -> frozenset[str]:
    adapter = get_adapter()
    cart = adapter.cart(request)
    if not cart or not cart.lines:
        return _NOTHING
    keys = {line.item for line in cart.lines}
    return frozenset(keys.union(adapter.canonical_keys(keys, adapter.tenant(request)).values()))
