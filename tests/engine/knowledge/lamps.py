"""A small shop, and short ways to say what is wanted of it."""

from typing import Any

import numpy as np

from personalization.engine.catalog import Catalog
from personalization.engine.knowledge import read_wish
from personalization.engine.recommenders.knowledge_based import Found, KnowledgeBased

TITLES = ("desk lamp", "floor lamp", "torch", "camera", "tripod")
DESK, FLOOR, TORCH, CAMERA, TRIPOD = range(5)

LAMPS = Catalog(
    TITLES,
    tags=(("gift",), ("steel",), ("gift", "outdoor"), ("Travel",), ()),
    categories=("Lamps", "Lamps", "Lamps", "Photo", ""),
    brands=("Acme", "Ajax", "acme", "Bolt", ""),
    attributes=({"weight": "1.5 kg"}, {"weight": "4 kg"}, {"weight": "0.2 kg"}, {"weight": "light"}, {}),
    prices=np.array([30.0, 80.0, 12.0, 400.0, np.nan]),
)


def find(*, like: int | None = None, allowed: Any = None, **asked: Any) -> Found:
    wish = read_wish({**asked, **({} if like is None else {"like": TITLES[like]})})
    return KnowledgeBased(LAMPS).find(wish, like=like, allowed=allowed)


def is_(field: str, *texts: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "is": list(texts), **more}
