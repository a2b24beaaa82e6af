"""The engine: values in, values out. Needs numpy and scipy only, and can be used without Django."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from personalization.engine.catalog import Catalog
    from personalization.engine.interactions import Interactions
    from personalization.engine.ladder import Auto
    from personalization.engine.recommenders.als import ImplicitALS
    from personalization.engine.recommenders.biased_svd import BiasedSVD
    from personalization.engine.recommenders.bpr import BPR
    from personalization.engine.recommenders.category_popularity import PopularityByCategory
    from personalization.engine.recommenders.content_based import ContentBased
    from personalization.engine.recommenders.ease import EASE
    from personalization.engine.recommenders.graph_filter import GraphFilter
    from personalization.engine.recommenders.item_knn import ItemKNN
    from personalization.engine.recommenders.knowledge_based import KnowledgeBased
    from personalization.engine.recommenders.markov import MarkovChain
    from personalization.engine.recommenders.mixture import Mixture
    from personalization.engine.recommenders.popularity import Popularity
    from personalization.engine.recommenders.pure_svd import PureSVD
    from personalization.engine.recommenders.recency_blend import RecencyBlend
    from personalization.engine.recommenders.repeat_purchase import RepeatPurchase
    from personalization.engine.recommenders.rp3beta import RP3beta
    from personalization.engine.recommenders.session_knn import SessionKNN
    from personalization.engine.recommenders.shop_blend import ShopBlend
    from personalization.engine.recommenders.trending import Trending
    from personalization.engine.recommenders.user_knn import UserKNN

__all__ = [
    "BPR",
    "EASE",
    "Auto",
    "BiasedSVD",
    "Catalog",
    "ContentBased",
    "GraphFilter",
    "ImplicitALS",
    "Interactions",
    "ItemKNN",
    "KnowledgeBased",
    "MarkovChain",
    "Mixture",
    "Popularity",
    "PopularityByCategory",
    "PureSVD",
    "RP3beta",
    "RecencyBlend",
    "RepeatPurchase",
    "SessionKNN",
    "ShopBlend",
    "Trending",
    "UserKNN",
]

_HOMES = {
    "Auto": "personalization.engine.ladder",
    "BPR": "personalization.engine.recommenders.bpr",
    "Catalog": "personalization.engine.catalog",
    "ContentBased": "personalization.engine.recommenders.content_based",
    "BiasedSVD": "personalization.engine.recommenders.biased_svd",
    "EASE": "personalization.engine.recommenders.ease",
    "GraphFilter": "personalization.engine.recommenders.graph_filter",
    "ImplicitALS": "personalization.engine.recommenders.als",
    "Interactions": "personalization.engine.interactions",
    "ItemKNN": "personalization.engine.recommenders.item_knn",
    "KnowledgeBased": "personalization.engine.recommenders.knowledge_based",
    "MarkovChain": "personalization.engine.recommenders.markov",
    "Mixture": "personalization.engine.recommenders.mixture",
    "Popularity": "personalization.engine.recommenders.popularity",
    "PopularityByCategory": "personalization.engine.recommenders.category_popularity",
    "PureSVD": "personalization.engine.recommenders.pure_svd",
    "RP3beta": "personalization.engine.recommenders.rp3beta",
    "RecencyBlend": "personalization.engine.recommenders.recency_blend",
    "ShopBlend": "personalization.engine.recommenders.shop_blend",
    "RepeatPurchase": "personalization.engine.recommenders.repeat_purchase",
    "SessionKNN": "personalization.engine.recommenders.session_knn",
    "Trending": "personalization.engine.recommenders.trending",
    "UserKNN": "personalization.engine.recommenders.user_knn",
}


def __getattr__(name: str) -> Any:
    """Import on first use: a web worker that only serves tables never loads scipy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
