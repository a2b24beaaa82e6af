import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation import (
    Split,
    Task,
    find_hits,
    find_targets,
    held_out,
    rank,
    rank_sampled,
)
from personalization.engine.evaluation import sampled as module
from personalization.engine.recommenders.popularity import Popularity
from personalization.testing import make_interactions


@pytest.fixture
def split():
    rng = np.random.default_rng(2)
    train = make_interactions(
        [(v, i) for v in range(30) for i in range(40) if rng.random() < 8 / (i + 8)],
        n_visitors=30,
        n_items=41,
    )
    visitors, items = rng.integers(30, size=60), rng.integers(41, size=60)
    return Split(train, held_out(train, visitors.astype(np.int32), items.astype(np.int32)))


@pytest.mark.parametrize("task", list(Task))
def test_all_negatives_are_the_full_protocol(split, task):
    fitted, targets = Popularity().fit(split.train), find_targets(split, task)
    ranked, same = rank_sampled(fitted, targets, split, task=task, count=10, negatives=1_000)
    assert ranked.tolist() == rank(fitted, targets, task=task, count=10).tolist()
    assert same.candidates.tolist() == targets.candidates.tolist()


@pytest.mark.parametrize("task", list(Task))
def test_few_negatives_leave_few_candidates(split, task):
    fitted, targets = Popularity().fit(split.train), find_targets(split, task)
    ranked, fewer = rank_sampled(fitted, targets, split, task=task, count=10, negatives=3)
    assert (fewer.candidates == targets.relevant + 3).all()
    hits = find_hits(ranked, targets, split)
    assert hits.sum(axis=1).tolist() == np.minimum(targets.relevant, 10).tolist()
    assert ((ranked >= 0).sum(axis=1) == np.minimum(fewer.candidates, 10)).all()
    if task is Task.NEW:
        had = set(zip(split.train.visitors.tolist(), split.train.items.tolist(), strict=True))
        listed = {
            (v, i) for v, row in zip(targets.visitors.tolist(), ranked.tolist(), strict=True) for i in row
        }
        assert not had & listed


def test_the_seed_decides_and_chunks_do_not(split, monkeypatch):
    fitted, targets = Popularity().fit(split.train), find_targets(split, Task.NEW)
    once = [
        rank_sampled(fitted, targets, split, task=Task.NEW, count=5, negatives=5, seed=seed)[0].tolist()
        for seed in (1, 1, 2)
    ]
    assert once[0] == once[1] != once[2]
    monkeypatch.setattr(module, "_BYTES", 48 * 41 * 4)
    again, _ = rank_sampled(fitted, targets, split, task=Task.NEW, count=5, negatives=5, seed=1)
    assert again.tolist() == once[0]


def test_no_negatives_are_refused(split):
    with pytest.raises(InvalidInputError, match="negatives"):
        rank_sampled(
            Popularity().fit(split.train),
            find_targets(split, Task.NEW),
            split,
            task=Task.NEW,
            count=5,
            negatives=0,
        )
