"""The Python API for shops. Who acts may be given as a request, or as an `Identity`.

``recommend`` and ``rate`` raise when something is wrong with what they are asked; ``slot``, ``track`` and whatever else
stands in a page or an order never do.
"""

from personalization.engine.types import Identity, IdentityKind, Recommendation
from personalization.shortcuts.asking import aslot, cache_key, recommend, slot
from personalization.shortcuts.telling import cancel_order, rate, record_order, track

__all__ = [
    "Identity",
    "IdentityKind",
    "Recommendation",
    "aslot",
    "cache_key",
    "cancel_order",
    "rate",
    "recommend",
    "record_order",
    "slot",
    "track",
]
