from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.testing import RecommenderContract


class TestPopularity(RecommenderContract):
    recommender = Popularity()
    personal = False


class TestRecentPopularity(RecommenderContract):
    recommender = Popularity(decay_days=14.0)
    personal = False


class TestItemKNN(RecommenderContract):
    recommender = ItemKNN()


class TestWeightedItemKNN(RecommenderContract):
    recommender = ItemKNN(neighbors=9, damping=0.5, binary=False, decay_days=30.0)


class TestRecencyBlend(RecommenderContract):
    recommender = RecencyBlend()
