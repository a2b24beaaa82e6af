"""Recommenders by alias, declared as Django declares caches: alias → BACKEND + OPTIONS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.module_loading import import_string

from personalization.conf import settings
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.recommenders.base import Recommender

#: The aliases that always exist.
BUILT_IN: Final[Mapping[str, Mapping[str, Any]]] = {
    "popularity": {"BACKEND": "personalization.engine.recommenders.popularity.Popularity"},
    "popularity-recent": {
        "BACKEND": "personalization.engine.recommenders.popularity.Popularity",
        "OPTIONS": {"decay_days": 14.0},
    },
    "item-cosine": {"BACKEND": "personalization.engine.recommenders.item_knn.ItemKNN"},
    "auto": {"BACKEND": "personalization.engine.recommenders.recency_blend.RecencyBlend"},
}


def declared() -> dict[str, Mapping[str, Any]]:
    """Alias → declaration: the built-in ones, then the host's RECOMMENDERS over them."""
    return {**BUILT_IN, **settings.recommenders}


def get_recommender(alias: str) -> Recommender:
    """The configured, unfitted recommender of an alias.

    Raises InvalidInputError naming ``recommender`` when the alias, its BACKEND or its OPTIONS are not usable.
    """
    declaration = declared().get(alias)
    if declaration is None:
        known = ", ".join(sorted(declared()))
        raise InvalidInputError("recommender", f"there is no {alias!r}; known: {known}", code="unknown")
    try:
        backend = import_string(declaration["BACKEND"])
        return backend(**declaration.get("OPTIONS", {}))  # type: ignore[no-any-return]
    except (ImportError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("recommender", f"{alias!r} cannot be made: {error}") from error
