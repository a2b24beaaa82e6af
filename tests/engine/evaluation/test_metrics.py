import math

import numpy as np
import pytest

from personalization.engine.evaluation.coverage import coverage
from personalization.engine.evaluation.f1 import f1
from personalization.engine.evaluation.hit import hit
from personalization.engine.evaluation.ndcg import ndcg
from personalization.engine.evaluation.precision import precision
from personalization.engine.evaluation.recall import recall

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
    assert coverage(np.array([[0, 1, -1], [1, 0, -1]], dtype=np.int32), 4) == 0.5
    assert coverage(np.array([[-1]], dtype=np.int32), 0) == 0
