"""The Python API for shops. Who acts may be given as a request, or as an `Identity`.

``recommend`` and ``rate`` raise when something is wrong with what they are asked; ``slot``, ``track`` and whatever else
stands in a page or an order never do.
"""

from personalization.engine.types import Identity, IdentityKind, Recommendation
from personalization.shortcuts.asking import recommend, slot
from personalization.shortcuts.telling import rate, track

__all__ = ["Identity", "IdentityKind", "Recommendation", "rate", "recommend", "slot", "track"]
