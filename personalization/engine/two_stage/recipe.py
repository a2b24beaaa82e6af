"""The sources that a ranker has unless others are named."""

from __future__ import annotations

from typing import Final

from personalization.engine.recommenders.content_based import ContentBased
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.pure_svd import PureSVD
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.shop_blend import ShopBlend
from personalization.engine.recommenders.user_knn import UserKNN
from personalization.engine.two_stage.sources import Source

#: Tables that err in different ways, so that a ranker learns whom to believe when. Their lists together hold about
#: 170 new items of a visitor.
SOURCES: Final = (
    Source("blend", ShopBlend(), 60, prior=True),
    Source("titles", ShopBlend(), 60, content=True),
    Source("recent", EASE(decay_days=120.0), 60),
    Source("alike", ItemKNN(damping=0.25, decay_days=120.0), 40),
    Source("walks", RP3beta(decay_days=120.0), 0),
    Source("directions", PureSVD(decay_days=120.0), 40),
    Source("people", UserKNN(neighbors=150), 60, seeds="none"),
    Source("often", UserKNN(neighbors=150, binary=False), 40, seeds="none"),
    Source("basket", EASE(regularization=100.0, neighbors=100), 30, seeds="last basket", by_basket=True),
    Source("said", ContentBased(neighbors=20), 20, content=True, timeless=True),
    Source("said_once", ContentBased(neighbors=20), 0, content=True, strongest=True, timeless=True),
)
