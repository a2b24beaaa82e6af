import numpy as np
import pytest

from personalization.engine.evaluation import Split, Task, evaluate_fitted, held_out
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.measurement.offline import OfflineTest, Protocol
from personalization.testing import checkerboard, missing_item


@pytest.fixture
def split():
    visitors = np.arange(12, dtype=np.int32)
    items = np.array([missing_item(visitor) for visitor in visitors], dtype=np.int32)
    train = checkerboard()
    return Split(train, held_out(train, visitors, items))


def trials(split, **options):
    test = OfflineTest(split, task=Task.NEW, ks=(1, 3), **options)
    return dict(test.try_out({"popularity": Popularity(), "knn": ItemKNN()}))


def test_figures_are_those_of_the_engine(split):
    expected = evaluate_fitted(ItemKNN().fit(split.train), split, task=Task.NEW, ks=(1, 3)).metrics
    figures = trials(split)["knn"].figures
    assert {name: figures[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_the_best_sellers_differ_from_themselves_by_nothing(split):
    trial = trials(split)["popularity"]
    assert {one.difference for one in trial.against_popularity.values()} == {0}
    assert trial.figures["serendipity@3"] == 0


def test_a_perfect_recommender_beats_them_beyond_chance(split):
    trial = trials(split)["knn"]
    against = trial.against_popularity["ndcg@1"]
    assert against.difference > 0
    assert against.p_value < 0.05
    assert (trial.intervals["ndcg@1"].low, trial.intervals["ndcg@1"].high) == (1, 1)
    assert trial.intervals.keys() == {name for name in trial.figures if "@" in name or name == "auc"} - {
        f"{name}@{k}" for name in ("coverage", "gini") for k in (1, 3)
    }


def test_the_seed_decides_the_intervals(split):
    one, same, other = (trials(split, seed=seed)["popularity"].intervals for seed in (1, 1, 2))
    assert one == same != other


def test_fewer_items_than_are_drawn_are_all_of_them(split):
    full, sampled = trials(split), trials(split, protocol=Protocol.SAMPLED)
    metrics = [name for name in full["knn"].figures if "@" in name]
    for alias in full:
        assert [full[alias].figures[name] for name in metrics] == [
            sampled[alias].figures[name] for name in metrics
        ]
