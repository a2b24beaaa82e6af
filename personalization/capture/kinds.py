"""The kinds of events that a file or the shop's code can tell."""

from typing import Final

from personalization.engine.types import Kind

#: Ratings carry a value, searches a text, impressions and mails a token: they come by other doors.
KINDS: Final = (
    Kind.VIEW,
    Kind.CLICK,
    Kind.CART_ADD,
    Kind.CART_REMOVE,
    Kind.WISH,
    Kind.PURCHASE,
    Kind.REFUND,
    Kind.HIDE,
    Kind.SHARE,
)
