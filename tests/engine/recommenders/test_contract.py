from personalization.engine.recommenders.als import ImplicitALS
from personalization.engine.recommenders.biased_svd import BiasedSVD
from personalization.engine.recommenders.bpr import BPR
from personalization.engine.recommenders.category_popularity import PopularityByCategory
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.graph_filter import GraphFilter
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.markov import MarkovChain
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.pure_svd import PureSVD
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.repeat_purchase import RepeatPurchase
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.session_knn import SessionKNN
from personalization.engine.recommenders.shop_blend import ShopBlend
from personalization.engine.recommenders.trending import Trending
from personalization.engine.recommenders.user_knn import UserKNN
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


class TestJaccard(RecommenderContract):
    recommender = ItemKNN(similarity="jaccard")


class TestConditional(RecommenderContract):
    recommender = ItemKNN(similarity="conditional", neighbors=9, min_together=1)


class TestLift(RecommenderContract):
    recommender = ItemKNN(similarity="lift", damping=0.25, min_together=1)


class TestLogLikelihood(RecommenderContract):
    recommender = ItemKNN(similarity="log-likelihood")


class TestTfIdf(RecommenderContract):
    recommender = ItemKNN(weighting="tf-idf", shrinkage=1.0)


class TestBm25(RecommenderContract):
    recommender = ItemKNN(similarity="dot", weighting="bm25", binary=False, decay_days=60.0)


class TestRecencyBlend(RecommenderContract):
    recommender = RecencyBlend()


class TestRP3beta(RecommenderContract):
    recommender = RP3beta()


class TestPooledRP3beta(RecommenderContract):
    recommender = RP3beta(pooled=True)


class TestRecentRP3beta(RecommenderContract):
    recommender = RP3beta(alpha=0.8, beta=0.2, neighbors=9, decay_days=60.0, prior_share=0.1)


class TestEASE(RecommenderContract):
    recommender = EASE()


class TestFullEASE(RecommenderContract):
    recommender = EASE(regularization=5.0, neighbors=None)


class TestRecentEASE(RecommenderContract):
    recommender = EASE(decay_days=120.0, prior_share=0.3)


class TestEASEWithContent(RecommenderContract):
    recommender = EASE(content_weight=4.0)


class TestShopBlend(RecommenderContract):
    recommender = ShopBlend()


class TestSmallShopBlend(RecommenderContract):
    recommender = ShopBlend(
        neighbors=9, popularity_share=0.1, freshness_share=0, trend_share=0, list_length=20
    )


class TestUserKNN(RecommenderContract):
    recommender = UserKNN()


class TestUserMeans(RecommenderContract):
    recommender = UserKNN(neighbors=5, scoring="mean", binary=False, shrinkage=1.0)


class TestGraphFilter(RecommenderContract):
    recommender = GraphFilter()


class TestPooledGraphFilter(RecommenderContract):
    recommender = GraphFilter(visitor_power=0.3, item_power=0.4, pooled=True)


class TestPureSVD(RecommenderContract):
    recommender = PureSVD(factors=2)


class TestImplicitALS(RecommenderContract):
    recommender = ImplicitALS()


class TestScaledALS(RecommenderContract):
    recommender = ImplicitALS(
        factors=3, regularization=2.0, scaling=1.0, binary=False, decay_days=60.0, list_length=12
    )


class TestRepeatPurchase(RecommenderContract):
    recommender = RepeatPurchase()
    personal = False


class TestTrending(RecommenderContract):
    recommender = Trending()
    personal = False


class TestPopularityWithoutCategories(RecommenderContract):
    recommender = PopularityByCategory()
    personal = False


class TestMarkovChain(RecommenderContract):
    recommender = MarkovChain()


class TestLongMarkovChain(RecommenderContract):
    recommender = MarkovChain(steps=10, gap_days=30.0, alpha=1.0, beta=0.0, memory=0.5, neighbors=9)


class TestBiasedSVD(RecommenderContract):
    recommender = BiasedSVD()
    personal = False  # a checkerboard is no rating


class TestRatedSVD(RecommenderContract):
    recommender = BiasedSVD(source="weights", factors=3, floor=0.0)
    personal = False  # everybody rates all that they have alike


class TestBPR(RecommenderContract):
    recommender = BPR()


class TestSessionKNN(RecommenderContract):
    recommender = SessionKNN()


class TestPlainSessionKNN(RecommenderContract):
    recommender = SessionKNN(neighbors=9, sample=9, decay_days=None, damping=0.0, idf=False, memory=0.5)
