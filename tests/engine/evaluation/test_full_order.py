import numpy as np
import pytest

from personalization.engine.evaluation import (
    HeldOut,
    Split,
    Task,
    evaluate_fitted,
    find_targets,
    held_out,
    visitor_auc,
)
from personalization.engine.evaluation import full_order as module
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.testing import checkerboard, make_interactions, missing_item


@pytest.fixture
def split():
    rng = np.random.default_rng(2)
    pairs = [(v, i) for v in range(30) for i in range(40) if rng.random() < 8 / (i + 8)]
    train = make_interactions(pairs, n_visitors=30, n_items=41)
    visitors, items = rng.integers(30, size=60), rng.integers(41, size=60)
    return Split(train, held_out(train, visitors.astype(np.int32), items.astype(np.int32)))


def naive(fitted, split, visitor, task):
    """Straight from the definition, with what is not recommended below everything that is."""
    train, test = split.train, split.test
    had = set(train.items[train.visitors == visitor].tolist()) if task is Task.NEW else set()
    pool = set(train.items.tolist()) - had
    relevant = set(test.items[test.visitors == visitor].tolist()) & pool
    items, scores = fitted.recommend(int(visitor), count=50, exclude_seen=task is Task.NEW)
    score = dict(zip(items.tolist(), scores.tolist(), strict=True))
    pairs = [(score.get(a, -1), score.get(b, -1)) for a in relevant for b in pool - relevant]
    return np.mean([(a > b) + 0.5 * (a == b) for a, b in pairs])


@pytest.mark.parametrize(
    "recommender", [Popularity(), ItemKNN(neighbors=3)], ids=["popularity", "few neighbors"]
)
@pytest.mark.parametrize("task", list(Task))
def test_the_same_as_pair_by_pair(split, task, recommender, monkeypatch):
    fitted, targets = recommender.fit(split.train), find_targets(split, task)
    expected = [naive(fitted, split, visitor, task) for visitor in targets.visitors]
    assert visitor_auc(fitted, targets, split, task=task) == pytest.approx(expected)
    monkeypatch.setattr(module, "_BYTES", 96 * 41 * 4)  # a few visitors at a time
    assert visitor_auc(fitted, targets, split, task=task) == pytest.approx(expected)
    assert visitor_auc(fitted, targets.every(3), split, task=task) == pytest.approx(expected[::3])


def test_it_is_of_the_whole_order_whatever_lists_are_shown(split):
    fitted = Popularity().fit(split.train)
    one, many = (evaluate_fitted(fitted, split, task=Task.NEW, ks=ks).metrics for ks in ((1,), (20,)))
    assert one["auc"] == many["auc"]
    assert "auc" not in evaluate_fitted(fitted, split, task=Task.NEW, full_order=False).metrics


def test_a_perfect_order_is_one_and_the_reverse_is_nought():
    train = checkerboard()
    wanted = [missing_item(visitor) for visitor in range(12)]
    rows, repeat = np.arange(12, dtype=np.int32), np.zeros(12, bool)
    split = Split(train, HeldOut(rows, np.array(wanted, np.int32), repeat))
    fitted = ItemKNN().fit(train)
    assert visitor_auc(fitted, find_targets(split, Task.NEW), split, task=Task.NEW).tolist() == [1.0] * 12
    # the items of the other color are never recommended: to want one is to want what comes last
    other = Split(train, HeldOut(rows, np.array(wanted[1:] + wanted[:1], np.int32), repeat))
    values = visitor_auc(fitted, find_targets(other, Task.NEW), other, task=Task.NEW)
    assert values == pytest.approx([(4 / 2) / 5] * 12)


def test_what_is_no_candidate_does_not_count(split):
    # an item that training never saw stands nowhere, and one that is recommended all the same pushes nobody back
    targets = find_targets(split, Task.ALL)
    fitted = Popularity().fit(split.train)

    class Intrusive:
        def recommend(self, rows, *, count, exclude_seen):
            items, scores = fitted.recommend(rows, count=count, exclude_seen=exclude_seen)
            ahead = np.full((len(rows), 1), 40, np.int32)
            return np.hstack([ahead, items[:, :-1]]), np.hstack(
                [np.full((len(rows), 1), 9.0), scores[:, :-1]]
            )

    assert not split.known[40]
    plain, intruded = (visitor_auc(one, targets, split, task=Task.ALL) for one in (fitted, Intrusive()))
    assert intruded == pytest.approx(plain)
