import itertools
import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation.auc import auc
from personalization.engine.evaluation.average_precision import average_precision
from personalization.engine.evaluation.calibration import calibration
from personalization.engine.evaluation.coverage import coverage
from personalization.engine.evaluation.diversity import diversity
from personalization.engine.evaluation.f1 import f1
from personalization.engine.evaluation.gini import gini
from personalization.engine.evaluation.hit import hit
from personalization.engine.evaluation.mae import mae
from personalization.engine.evaluation.ndcg import ndcg
from personalization.engine.evaluation.novelty import novelty
from personalization.engine.evaluation.popularity_bias import popularity_bias
from personalization.engine.evaluation.precision import precision
from personalization.engine.evaluation.recall import recall
from personalization.engine.evaluation.reciprocal_rank import reciprocal_rank
from personalization.engine.evaluation.rmse import rmse
from personalization.engine.evaluation.serendipity import expected_places, serendipity

#: Four places; three visitors with 2, 1 and 9 relevant items.
HITS = np.array([[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)
RELEVANT = np.array([2, 1, 9])


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (recall, [1, 0, 4 / 9]),
        (precision, [0.5, 0, 1]),
        (f1, [4 / 6, 0, 8 / 13]),
        (hit, [1, 0, 1]),
        (ndcg, [(1 + 1 / 2) / (1 + 1 / math.log2(3)), 0, 1]),
    ],
)
def test_by_hand(metric, expected):
    assert metric(HITS, RELEVANT) == pytest.approx(expected)


def test_f1_is_the_harmonic_mean_of_each_visitor():
    p, r = precision(HITS, RELEVANT)[[0, 2]], recall(HITS, RELEVANT)[[0, 2]]
    assert f1(HITS, RELEVANT)[[0, 2]] == pytest.approx(2 * p * r / (p + r))


def test_coverage_counts_distinct_items_and_no_missing_places():
    assert coverage(np.array([[0, 1, -1], [1, 0, -1]], dtype=np.int32), np.ones(4, bool)) == 0.5
    assert coverage(np.array([[-1]], dtype=np.int32), np.zeros(0, bool)) == 0


def test_coverage_never_exceeds_one():
    possible = np.array([True, True, False, False])
    assert coverage(np.array([[0, 1], [2, 3]], dtype=np.int32), possible) == 1


def naive_auc(hits, misses, scores, relevant, candidates):
    """Every pair of a relevant item and another one, by their scores; what is not listed has the lowest."""
    good, bad = list(scores[hits]), list(scores[misses])
    good += [-1.0] * (relevant - len(good))
    bad += [-1.0] * (candidates - relevant - len(bad))
    return np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a in good for b in bad])


def naive_average_precision(hits, relevant):
    precisions = [sum(hits[: j + 1]) / (j + 1) for j in range(len(hits)) if hits[j]]
    return sum(precisions) / min(relevant, len(hits))


@pytest.mark.parametrize("seed", range(5))
def test_rank_metrics_equal_naive_ones(seed):
    rng = np.random.default_rng(seed)
    hits = rng.random((40, 7)) < 0.3
    relevant = hits.sum(axis=1) + rng.integers(1, 4, 40)
    rows = range(40)
    assert average_precision(hits, relevant) == pytest.approx(
        [naive_average_precision(hits[i], relevant[i]) for i in rows]
    )
    assert reciprocal_rank(hits, relevant) == pytest.approx(
        [next((1 / (j + 1) for j, hit in enumerate(hits[i]) if hit), 0) for i in rows]
    )


@pytest.mark.parametrize("seed", range(5))
def test_auc_equals_that_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    scores = -np.sort(-rng.integers(0, 6, (40, 12)), axis=1).astype(np.float32)  # many ties
    hits = rng.random((40, 12)) < 0.3
    misses = ~hits & (rng.random((40, 12)) < 0.8)  # the rest are no candidates
    relevant = hits.sum(axis=1) + rng.integers(1, 4, 40)
    candidates = relevant + misses.sum(axis=1) + rng.integers(1, 9, 40)
    expected = [naive_auc(hits[i], misses[i], scores[i], relevant[i], candidates[i]) for i in range(40)]
    assert auc(hits, misses, scores, relevant, candidates) == pytest.approx(expected)


def test_auc_by_hand():
    one, three = np.array([1]), np.array([3])
    scores = np.array([[3.0, 2.0, 1.0]], np.float32)
    first, last, nowhere = (np.array([[place == wanted for place in range(3)]]) for wanted in (0, 2, 9))
    assert auc(first, ~first, scores, one, three) == 1
    assert auc(last, ~last, scores, one, three) == 0
    assert auc(first, ~first, np.ones((1, 3), np.float32), one, three) == 0.5  # equal scores tie
    # behind the one that is listed, even with the one that is not
    assert auc(nowhere[:, :1], ~nowhere[:, :1], scores[:, :1], one, three) == 0.25
    assert auc(first[:, :1], nowhere[:, :1], scores[:, :1], one, one) == 0.5  # nothing else could be listed


RANKED = np.array([[0, 1, 2], [2, -1, -1], [-1, -1, -1]], dtype=np.int32)


def test_novelty_and_popularity_of_short_lists():
    shares = np.array([0.5, 0.25, 0.125])
    assert novelty(RANKED, shares) == pytest.approx([2, 3, 0])
    assert popularity_bias(RANKED, shares) == pytest.approx([0.875 / 3, 0.125, 0])


def test_diversity_equals_the_mean_over_pairs():
    rng = np.random.default_rng(1)
    dense = rng.random((9, 5)) * (rng.random((9, 5)) < 0.6) + np.eye(9, 5)
    dense[5:, 0] += 0.1
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    ranked = np.array([rng.permutation(9)[:4] for _ in range(600)], dtype=np.int32)
    ranked[::3, 3] = -1
    expected = [
        1 - np.mean([dense[a] @ dense[b] for a, b in itertools.combinations(row[row >= 0], 2)])
        for row in ranked
    ]
    assert diversity(ranked, csr_array(dense)) == pytest.approx(expected)
    assert diversity(RANKED[1:], csr_array(dense)).tolist() == [0, 0]
    assert len(diversity(ranked[:0], csr_array(dense))) == 0


def test_equal_items_have_no_diversity_and_strangers_have_all():
    same = np.array([[0, 1]], dtype=np.int32)
    assert diversity(same, csr_array(np.array([[1.0, 0], [1, 0]])))[0] == 0
    assert diversity(same, csr_array(np.eye(2)))[0] == 1


def test_serendipity_leaves_out_what_everybody_sees():
    expected = expected_places(RANKED, np.array([[1, 5, 6], [0, -1, -1], [-1, 1, 2]]), n_items=9)
    assert expected.tolist() == [[False, True, False], [False] * 3, [False] * 3]
    assert serendipity(np.ones((3, 3), bool), expected) == pytest.approx([2 / 3, 1, 1])


@pytest.mark.parametrize("seed", range(3))
def test_gini_equals_half_the_relative_mean_difference(seed):
    ranked = np.random.default_rng(seed).integers(-1, 6, (20, 4)).astype(np.int32)
    known = np.array([True] * 7 + [False])
    counts = [int((ranked == item).sum()) for item in range(7)]
    naive = sum(abs(a - b) for a in counts for b in counts) / (2 * 7 * sum(counts))
    assert gini(ranked, known) == pytest.approx(naive)


def test_gini_of_equal_and_single_exposure():
    known = np.ones(4, bool)
    assert gini(np.array([[0, 1], [2, 3]], dtype=np.int32), known) == 0
    assert gini(np.array([[0], [0]], dtype=np.int32), known) == 0.75
    assert gini(np.array([[-1]], dtype=np.int32), known) == 0


def test_calibration_is_the_smoothed_divergence():
    own, listed = np.array([[3.0, 1], [3, 1], [0, 0], [1, 1]]), np.array([[6.0, 2], [0, 4], [1, 0], [0, 0]])
    smooth = [0.0075, 0.9925]
    by_hand = 0.75 * math.log(0.75 / smooth[0]) + 0.25 * math.log(0.25 / smooth[1])
    assert calibration(own, listed) == pytest.approx([0, by_hand, 0, 0])


def test_errors_of_ratings():
    predicted, actual = np.array([3.0, 5.0]), np.array([4.0, 2.0])
    assert rmse(predicted, actual) == pytest.approx(math.sqrt(5))
    assert mae(predicted, actual) == 2


@pytest.mark.parametrize("predicted", [[], [1.0], [1.0, math.nan], [math.inf, 1.0]])
def test_ratings_that_cannot_be_compared_are_refused(predicted):
    for metric in (rmse, mae):
        with pytest.raises(InvalidInputError, match="predicted"):
            metric(np.array(predicted), np.ones(2 if predicted else 0))
