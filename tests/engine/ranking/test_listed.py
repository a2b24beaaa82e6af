import numpy as np
import pytest

from personalization.engine.ranking import Contributions, Scored, Scratch, put_first, refresh

N = 60


def scored(pairs):
    return Scored(np.array([i for i, _ in pairs], np.int32), np.array([v for _, v in pairs], np.float32))


def said(*rows):
    """From {item: value} of each item of the history."""
    return Contributions.of_rows(
        [(np.array(list(row), np.int32), np.array(list(row.values()), np.float32)) for row in rows]
    )


def untouched(scratch):
    return not scratch.sums.any() and not scratch.marks.any()


LISTED = scored([(7, 4.0), (3, 2.0), (5, 1.0)])


def test_what_is_new_lifts_listed_items_and_brings_others_by_the_formula():
    scratch = Scratch(N)
    fresh = refresh(LISTED, said({5: 0.2, 9: 0.1}, {5: 0.2, 2: 0.1}), scratch, share=0.5)
    # 7: 1 · 5: 1/4 + 0.5 · 0.4/0.4 · 3: 1/2 · 2 and 9: 0.5 · 0.1/0.4
    assert fresh.items.tolist() == [7, 5, 3, 2, 9]
    assert fresh.scores.tolist() == pytest.approx([4.0, 3.0, 2.0, 0.5, 0.5])
    assert untouched(scratch)


def test_without_news_the_list_is_the_same_to_the_bit():
    ties = scored(
        [(8, 1.0), (2, 1.0), (4, 0.5)]
    )  # a packed list: ties keep the order in which they were stored
    for recent in (said(), said({1: 0.0}), said({3: -1.0})):
        fresh = refresh(ties, recent, Scratch(N))
        assert (fresh.items.tolist(), fresh.scores.tolist()) == ([8, 2, 4], [1.0, 1.0, 0.5])
    assert refresh(LISTED, said({9: 1.0}), Scratch(N), share=0).items.tolist() == [7, 3, 5]


@pytest.mark.parametrize("seed", range(6))
def test_the_same_as_the_definition(seed):
    random = np.random.default_rng(seed)
    items = random.permutation(N)[:20].astype(np.int32)
    values = np.sort(random.integers(1, 40, 20) / 8)[::-1].astype(np.float32)
    rows = [
        {int(c): float(random.integers(-3, 9) / 8) for c in random.choice(N, 8, replace=False)}
        for _ in range(4)
    ]
    sums = {item: sum(row.get(item, 0.0) for row in rows) for item in range(N)}
    reached = {item: s for item, s in sums.items() if s > 0}
    place = {item: number for number, item in enumerate(items.tolist())}
    wanted = {
        item: (values[place[item]] / values[0] if item in place else 0.0)
        + 0.7 * reached.get(item, 0.0) / max(reached.values())
        for item in {*place, *reached}
    }
    scratch = Scratch(N)
    fresh = refresh(Scored(items, values), said(*rows), scratch, share=0.7)
    assert set(fresh.items.tolist()) == set(wanted)
    assert len(fresh.items) == len(wanted)
    assert fresh.scores.tolist() == pytest.approx([wanted[i] * values[0] for i in fresh.items.tolist()])
    assert (np.diff(fresh.scores) <= 0).all()
    assert untouched(scratch)


def test_what_follows_comes_behind_the_last_and_is_not_repeated():
    scratch = Scratch(N)
    both = put_first(LISTED, scored([(3, 8.0), (1, 8.0), (6, 2.0)]), scratch)
    assert both.items.tolist() == [7, 3, 5, 1, 6]
    assert both.scores.tolist()[:3] == [4.0, 2.0, 1.0]
    assert 0.99 < both.scores[3] < 1.0
    assert both.scores[4] == pytest.approx(0.25)
    assert untouched(scratch)


def test_nothing_may_follow():
    both = put_first(LISTED, scored([]), Scratch(N))
    assert (both.items.tolist(), both.scores.tolist()) == ([7, 3, 5], [4.0, 2.0, 1.0])
