import numpy as np
import pytest

from personalization.engine.ranking import Contributions, Scratch, explain, gather, score_history
from personalization.engine.tables import Ranking, SparseRows
from tests.served import sparse

N = 300


@pytest.fixture(params=range(8))
def case(request):
    """A random table, a history, and the same as a dense matrix."""
    random = np.random.default_rng(request.param)
    dense = np.where(random.random((N, N)) < 0.05, random.integers(-2, 9, (N, N)) / 8, 0).astype(np.float32)
    table = sparse(
        N, {row: {int(c): float(dense[row, c]) for c in np.flatnonzero(dense[row])} for row in range(N)}
    )
    history = random.choice(N, 12, replace=False)
    prior = np.zeros(N, np.float32)
    listed = random.choice(N, 100, replace=False)
    prior[listed] = random.integers(1, 9, 100) / 8
    ranked = listed[np.lexsort((listed, -prior[listed]))].astype(np.int32)
    return table, dense, history, prior, Ranking(ranked, prior[ranked])


def plain(dense, history, prior, listed, share, excluded, count):
    """What the docstring says, the slow way."""
    sums = dense[history].astype(float).sum(axis=0)
    top = sums.max() if sums.max() > 0 else 1.0
    scores = {
        item: np.float32(sums[item] / top + share * prior[item] if sums[item] > 0 else share * prior[item])
        for item in range(N)
        if (sums[item] > 0 or (share and item in listed)) and item not in excluded
    }
    return sorted(scores, key=lambda item: (-scores[item], item))[:count]


@pytest.mark.parametrize("share", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("count", [1, 10, N])
def test_the_same_list_as_the_definition(case, share, count):
    table, dense, history, prior, ranking = case
    scratch = Scratch(N)
    found = score_history(
        gather(table, history),
        scratch,
        count=count,
        exclude=history,
        ranking=ranking,
        prior=prior,
        prior_share=share,
    )
    listed = set(ranking.items.tolist())
    wanted = plain(dense, history, prior, listed, share, set(history.tolist()), count)
    assert found.items.tolist() == wanted
    assert (np.diff(found.scores) <= 0).all()
    assert not scratch.sums.any()
    assert not scratch.marks.any()


def test_evidence_is_every_positive_contribution_largest_first(case):
    table, dense, history, *_ = case
    contributions, scratch = gather(table, history), Scratch(N)
    items = score_history(contributions, scratch, count=20).items
    for item, places in zip(items, explain(contributions, scratch, items, limit=99), strict=True):
        values = dense[history, item]
        assert places == sorted(
            np.flatnonzero(values > 0).tolist(), key=lambda place: (-values[place], place)
        )
    assert not scratch.marks.any()


def test_evidence_is_limited():
    said = Contributions.of_rows([(np.array([1], np.int32), np.array([v], np.float32)) for v in (1, 3, 2)])
    assert explain(said, Scratch(2), np.array([1, 0], np.int32), limit=2) == [[1, 2], []]


def test_taking_an_item_out_of_the_history_lowers_the_score_even_of_the_best():
    table = sparse(4, {0: {2: 1.0, 3: 0.2}, 1: {2: 1.0}})
    ranking, prior = (
        Ranking(np.array([3], np.int32), np.ones(1, np.float32)),
        np.array([0, 0, 0, 1], np.float32),
    )
    options = {"count": 4, "ranking": ranking, "prior": prior, "prior_share": 0.3}
    both = score_history(gather(table, np.array([0, 1])), Scratch(4), **options)
    one = score_history(gather(table, np.array([1])), Scratch(4), **options)
    before, after = (dict(zip(found.items.tolist(), found.scores, strict=True)) for found in (both, one))
    assert after[2] < before[2]
    assert after[3] < before[3]


def test_rows_from_a_database_say_the_same_as_rows_from_a_table(case):
    table, _, history, *_ = case
    one, other = gather(table, history), Contributions.of_rows([table.row(row) for row in history])
    for name in Contributions.__slots__:
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_an_empty_history_says_nothing():
    nothing = Contributions.of_rows([])
    assert len(score_history(nothing, Scratch(3), count=2).items) == 0
    ranking = Ranking(np.array([2, 0], np.int32), np.array([1, 0.5], np.float32))
    prior = np.array([0.5, 0, 1], np.float32)
    found = score_history(nothing, Scratch(3), count=2, ranking=ranking, prior=prior, prior_share=1.0)
    assert found.items.tolist() == [2, 0]


def test_serving_gives_the_list_that_the_recommender_gives():
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.recency_blend import RecencyBlend

    random = np.random.default_rng(5)
    visitors, items = random.integers(0, 80, 900), random.zipf(1.4, 900) % 60
    interactions = Interactions(
        visitors.astype(np.int32), items.astype(np.int32), np.ones(900, np.float32), 80, 60
    )
    fitted = RecencyBlend(neighbors=10).fit(interactions)
    tables = fitted.tables()
    assert isinstance(tables.weights, SparseRows)
    prior = np.zeros(60, np.float32)
    prior[tables.ranking.items] = tables.ranking.scores
    for visitor in range(80):
        history = np.unique(items[visitors == visitor])
        if not len(history):
            continue
        served = score_history(
            gather(tables.weights, history),
            Scratch(60),
            count=10,
            exclude=history,
            ranking=tables.ranking,
            prior=prior,
            prior_share=tables.prior_share,
        )
        expected, _ = fitted.recommend(visitor, count=10)
        assert served.items.tolist() == expected[expected >= 0].tolist()
