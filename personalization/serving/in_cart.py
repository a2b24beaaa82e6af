"""What lies in the shopper's cart is not recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import get_adapter
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from django.http import HttpRequest

_ATTRIBUTE: Final = "_personalization_in_cart"
_NOTHING: Final[frozenset[str]] = frozenset()


def keys_in_cart(request: HttpRequest | None) -> frozenset[str]:
    """Keys of the items in the cart of a request, asked for once; none when the cart cannot be read."""
    if request is None:
        return _NOTHING
    keys: frozenset[str] | None = getattr(request, _ATTRIBUTE, None)
    if keys is None:
        keys = shielded(lambda: _read(request), what="reading the cart", otherwise=_NOTHING)
        setattr(request, _ATTRIBUTE, keys)
    return keys


def _read(request: HttpRequest) -> frozenset[str]:
    cart = get_adapter().cart(request)
    return frozenset(line.item for line in cart.lines) if cart else _NOTHING
