"""What hosts add by dotted path: recommenders, declared as Django declares caches (alias → BACKEND + OPTIONS), and kinds
of conditions for rules."""

from __future__ import annotations

from functools import lru_cache
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from django.utils.module_loading import import_string

from personalization.conf import settings
from personalization.engine.rules import Kind, default_vocabulary
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.recommenders.base import Recommender
    from personalization.engine.rules import Vocabulary

logger = getLogger("personalization")

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


def get_vocabulary() -> Vocabulary:
    """Every kind of condition that rules may be written with: the built-in ones, and the host's RULE_KINDS.

    One that is not usable is left out and logged once: rules that need it are invalid, and pages go on.
    """
    paths = settings.RULE_KINDS
    return _vocabulary(tuple(paths) if isinstance(paths, list | tuple) else ())


def get_kind(path: object) -> Kind:
    """The kind of condition at a dotted path.

    Raises InvalidInputError naming ``rule_kinds``.
    """
    try:
        kind: object = import_string(path)()  # type: ignore[arg-type]  # what is no path is refused below
    except (ImportError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError("rule_kinds", f"{path!r} cannot be made: {error}") from error
    if not isinstance(kind, Kind):
        raise InvalidInputError("rule_kinds", f"{path!r} is no subclass of personalization.engine.rules.Kind")
    return kind


@lru_cache(maxsize=8)
def _vocabulary(paths: tuple[object, ...]) -> Vocabulary:
    vocabulary = default_vocabulary()
    for path in paths:
        try:
            vocabulary = vocabulary.extended(get_kind(path))
        except InvalidInputError as error:
            logger.exception("a kind of RULE_KINDS is left out: %s", error.message)
    return vocabulary
