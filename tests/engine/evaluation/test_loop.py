import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation import HeldOut, Split, Task, evaluate_fitted, find_targets
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.testing import checkerboard, make_interactions, missing_item


def held_out(*pairs):
    visitors, items, repeat = np.array(pairs).reshape(-1, 3).T
    return HeldOut(visitors.astype(np.int32), items.astype(np.int32), repeat.astype(bool))


def test_a_perfect_list_is_perfect():
    test = held_out(*[(visitor, missing_item(visitor), 0) for visitor in range(12)])
    split = Split(checkerboard(), test)
    result = evaluate_fitted(ItemKNN().fit(split.train), split, task=Task.NEW, ks=(1, 2))
    assert (result.visitors, result.dropped_relevant) == (12, 0)
    perfect = {"recall@1": 1, "precision@1": 1, "f1@1": 1, "ndcg@1": 1, "hit@1": 1, "coverage@1": 1}
    assert {name: result.metrics[name] for name in perfect} == perfect
    assert result.metrics["precision@2"] == 0.5


TRAIN = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 0), (2, 2)]  # popularity: 0, 1, 2; item 3 is unknown


def test_new_masks_training_and_ignores_repeats():
    split = Split(
        make_interactions(TRAIN, n_visitors=3, n_items=4), held_out((0, 0, 1), (0, 1, 0), (1, 1, 1))
    )
    result = evaluate_fitted(Popularity().fit(split.train), split, task=Task.NEW, ks=(1,))
    assert (result.visitors, result.metrics["recall@1"]) == (1, 1.0)


def test_all_masks_nothing_and_counts_repeats():
    split = Split(
        make_interactions(TRAIN, n_visitors=3, n_items=4), held_out((0, 0, 1), (0, 1, 0), (1, 1, 1))
    )
    result = evaluate_fitted(Popularity().fit(split.train), split, task=Task.ALL, ks=(1,))
    assert result.visitors == 2
    assert result.metrics["recall@1"] == pytest.approx((1 / 2 + 0) / 2)
    assert result.metrics["coverage@1"] == pytest.approx(1 / 3)


def test_relevant_items_without_training_are_dropped_and_counted():
    split = Split(
        make_interactions(TRAIN, n_visitors=3, n_items=4), held_out((0, 3, 0), (0, 1, 0), (1, 3, 0))
    )
    result = evaluate_fitted(Popularity().fit(split.train), split, task=Task.NEW, ks=(1,))
    assert (result.visitors, result.dropped_relevant) == (1, 2)
    assert result.metrics["recall@1"] == 1


def test_nobody_to_ask_gives_no_figures():
    split = Split(make_interactions(TRAIN, n_visitors=3, n_items=4), held_out())
    assert not evaluate_fitted(Popularity().fit(split.train), split, task=Task.ALL).metrics


@pytest.mark.parametrize("ks", [(), (0,), (10, -1)])
def test_list_lengths_are_refused_by_name(ks):
    split = Split(make_interactions(TRAIN, n_visitors=3, n_items=4), held_out())
    with pytest.raises(InvalidInputError, match="ks"):
        evaluate_fitted(Popularity().fit(split.train), split, task=Task.ALL, ks=ks)


def test_every_second_visitor_keeps_its_figures():
    split = Split(
        make_interactions(TRAIN, n_visitors=3, n_items=4),
        held_out((0, 1, 0), (0, 2, 0), (1, 2, 0), (2, 0, 1)),
    )
    targets = find_targets(split, Task.ALL)
    half = targets.every(2)
    assert (half.visitors.tolist(), half.relevant.tolist(), half.candidates.tolist()) == (
        [0, 2],
        [2, 1],
        [3, 3],
    )
    assert find_targets(split, Task.NEW).candidates.tolist() == [2, 1]  # what they have is no candidate
