"""The engine: values in, values out. Needs numpy and scipy only, and can be used without Django."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from personalization.engine.recommenders.ease import EASE
    from personalization.engine.recommenders.item_knn import ItemKNN
    from personalization.engine.recommenders.popularity import Popularity
    from personalization.engine.recommenders.recency_blend import RecencyBlend
    from personalization.engine.recommenders.rp3beta import RP3beta
    from personalization.engine.recommenders.user_knn import UserKNN
    from personalization.engine.types import Interactions

__all__ = ["EASE", "Interactions", "ItemKNN", "Popularity", "RP3beta", "RecencyBlend", "UserKNN"]

_HOMES = {
    "EASE": "personalization.engine.recommenders.ease",
    "Interactions": "personalization.engine.types",
    "ItemKNN": "personalization.engine.recommenders.item_knn",
    "Popularity": "personalization.engine.recommenders.popularity",
    "RP3beta": "personalization.engine.recommenders.rp3beta",
    "RecencyBlend": "personalization.engine.recommenders.recency_blend",
    "UserKNN": "personalization.engine.recommenders.user_knn",
}


def __getattr__(name: str) -> Any:
    """Import on first use: a web worker that only serves tables never loads scipy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
