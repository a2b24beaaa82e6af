from personalization.contrib.neural.neumf import NeuMF
from personalization.contrib.neural.self_attention import SelfAttention
from personalization.testing import RecommenderContract
from tests.contrib.neural.requires import needs_torch

pytestmark = needs_torch


class TestNeuMF(RecommenderContract):
    recommender = NeuMF(num_factors=2, layers=(4, 2), lr=0.05, epochs=30, patience=None, threads=1)


class TestRecentNeuMF(RecommenderContract):
    recommender = NeuMF(
        num_factors=2, layers=(4,), num_neg=2, reg=1e-4, lr=0.05, epochs=30, decay_days=60.0, threads=1
    )


class TestSelfAttention(RecommenderContract):
    recommender = SelfAttention(
        maxlen=4, hidden_units=8, num_blocks=1, dropout_rate=0.0, lr=0.02, epochs=20, threads=1
    )


class TestSampledSelfAttention(RecommenderContract):
    recommender = SelfAttention(
        maxlen=6,
        hidden_units=8,
        num_heads=2,
        dropout_rate=0.1,
        num_neg=8,
        lr=0.02,
        epochs=20,
        patience=None,
        decay_days=60.0,
        threads=1,
    )
