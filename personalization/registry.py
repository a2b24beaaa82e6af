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

#: What every rebuild learns.
BUILT_IN: Final[Mapping[str, Mapping[str, Any]]] = {
    "popularity": {"BACKEND": "personalization.engine.recommenders.popularity.Popularity"},
    "popularity-recent": {
        "BACKEND": "personalization.engine.recommenders.popularity.Popularity",
        "OPTIONS": {"decay_days": 14.0},
    },
    "item-cosine": {"BACKEND": "personalization.engine.recommenders.item_knn.ItemKNN"},
    "auto": {"BACKEND": "personalization.engine.ladder.Auto"},
}

#: What is learned when a slot names it, or a command asks for it.
ON_REQUEST: Final[Mapping[str, Mapping[str, Any]]] = {
    "bought-together": {
        "BACKEND": "personalization.engine.recommenders.item_knn.ItemKNN",
        "OPTIONS": {"similarity": "log-likelihood"},
    },
    "content": {"BACKEND": "personalization.engine.recommenders.content_based.ContentBased"},
    "rp3beta": {"BACKEND": "personalization.engine.recommenders.rp3beta.RP3beta"},
    "ease": {"BACKEND": "personalization.engine.recommenders.ease.EASE"},
    "ease-recent": {
        "BACKEND": "personalization.engine.recommenders.ease.EASE",
        "OPTIONS": {"decay_days": 120.0, "prior_share": 0.3},
    },
    "shop-blend": {"BACKEND": "personalization.engine.recommenders.shop_blend.ShopBlend"},
    "graph-filter": {"BACKEND": "personalization.engine.recommenders.graph_filter.GraphFilter"},
    "pure-svd": {"BACKEND": "personalization.engine.recommenders.pure_svd.PureSVD"},
    "user-knn": {"BACKEND": "personalization.engine.recommenders.user_knn.UserKNN"},
    "als": {"BACKEND": "personalization.engine.recommenders.als.ImplicitALS"},
    "markov": {"BACKEND": "personalization.engine.recommenders.markov.MarkovChain"},
    "session-knn": {"BACKEND": "personalization.engine.recommenders.session_knn.SessionKNN"},
    "repeat-purchase": {"BACKEND": "personalization.engine.recommenders.repeat_purchase.RepeatPurchase"},
    "trending": {"BACKEND": "personalization.engine.recommenders.trending.Trending"},
    "popular-in-category": {
        "BACKEND": "personalization.engine.recommenders.category_popularity.PopularityByCategory"
    },
    "two-stage": {"BACKEND": "personalization.contrib.rank.TwoStage"},
    "svd": {"BACKEND": "personalization.engine.recommenders.biased_svd.BiasedSVD"},
    "neumf": {"BACKEND": "personalization.contrib.neural.neumf.NeuMF"},
    "self-attention": {"BACKEND": "personalization.contrib.neural.self_attention.SelfAttention"},
    "bpr": {"BACKEND": "personalization.engine.recommenders.bpr.BPR"},
}


def available() -> dict[str, Mapping[str, Any]]:
    """Alias → declaration of all that can be asked for: ours, then the host's RECOMMENDERS over them."""
    return {**BUILT_IN, **ON_REQUEST, **settings.recommenders}


def declared() -> dict[str, Mapping[str, Any]]:
    """Alias → declaration of what a rebuild learns: the built-in ones, those that slots name, and the host's."""
    named = {str(options.get("RECOMMENDER")) for options in settings.slots.values()}
    slotted = {alias: declaration for alias, declaration in ON_REQUEST.items() if alias in named}
    return {**BUILT_IN, **slotted, **settings.recommenders}


def segment_of(alias: str) -> str:
    """The segment whose people alone a recommender learns from; '' for everybody."""
    return str(available().get(alias, {}).get("SEGMENT", ""))


def get_recommender(alias: str) -> Recommender:
    """The configured, unfitted recommender of an alias.

    Raises InvalidInputError naming ``recommender`` when the alias, its BACKEND or its OPTIONS are not usable.
    """
    declaration = available().get(alias)
    if declaration is None:
        known = ", ".join(sorted(available()))
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
