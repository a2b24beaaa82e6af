"""Where candidates come from, in which order they are told, and which examples they make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.kernels.selection import select_best
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.user_knn import UserKNN
from personalization.engine.two_stage import pool as pool_module
from personalization.engine.two_stage.candidates import Candidates
from personalization.engine.two_stage.examples import Examples, make_examples
from personalization.engine.two_stage.goal import Goal
from personalization.engine.two_stage.lists import best_of, rank_rows
from personalization.engine.two_stage.pool import Pool
from personalization.engine.two_stage.sampling import draw_visitors
from personalization.engine.two_stage.snapshot import Snapshot
from personalization.engine.two_stage.sources import FittedSource, Source
from personalization.engine.two_stage.windows import label_windows
from tests.engine.two_stage.data import DAY, entries, rich, ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: 0 and 1 go together, and so do 2 and 3; visitor 2 has 0, then 2; visitor 3 nothing; item 4 was never sold.
PAIRS: list[tuple[int, int, float]] = [(0, 0, 1), (0, 1, 1), (1, 2, 2), (1, 3, 2), (2, 0, 3), (2, 2, 4)]


def shop() -> Snapshot:
    return Snapshot.of(entries(PAIRS, n_visitors=4, n_items=5))


def fitted(source: Source, snapshot: Snapshot) -> FittedSource:
    return source.ask(source.learn(snapshot), snapshot)


def scores(source: Source, rows: list[int]) -> list[list[float]]:
    return told(fitted(source, shop()), rows).round(4).tolist()  # type: ignore[no-any-return]


def told(source: FittedSource, rows: list[int] | range) -> NDArray[np.float32]:
    out = np.full((len(rows), source.table.shape[1]), np.nan, np.float32)
    source.score(np.array(rows), out=out)
    return out


def test_a_source_is_asked_with_the_history_or_the_last_basket() -> None:
    every = scores(Source("a", ItemKNN(), 1), [2, 3])
    assert every[0] == [pytest.approx(every[0][0]), 1, pytest.approx(every[0][2]), 1, 0]
    assert every[1] == [0] * 5
    (last,) = scores(Source("a", ItemKNN(), 1, seeds="last basket"), [2])
    assert last[3] == 1
    assert last[1] == 0


def test_the_strongest_seed_speaks_instead_of_all_together() -> None:
    together = entries([(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 0, 1), (1, 3, 1)], n_visitors=2, n_items=4)
    snapshot = Snapshot.of(together)
    summed = told(fitted(Source("a", ItemKNN(), 1), snapshot), [0])[0]
    strongest = told(fitted(Source("a", ItemKNN(), 1, strongest=True), snapshot), [0])[0]
    cosine = 1 / np.sqrt(2)  # of 0 with 1, 2 and 3; 1 and 2 are equal
    np.testing.assert_allclose(
        summed, np.array([2 * cosine, 1 + cosine, 1 + cosine, cosine]) / (1 + cosine), rtol=1e-6
    )
    np.testing.assert_allclose(strongest, [cosine, 1, 1, cosine], rtol=1e-6)


def test_rows_of_visitors_are_read_as_they_are() -> None:
    rows = scores(Source("u", UserKNN(), 1, seeds="none"), [0, 2, 3])
    assert rows[0][2] > 0  # visitor 2 shares item 0, and has item 2
    assert rows[1][1] == rows[1][3] > 0
    assert rows[2] == [0] * 5


def test_a_recommender_without_such_a_table_says_nothing() -> None:
    assert scores(Source("p", Popularity(), 1), [2]) == [[0] * 5]
    assert scores(Source("p", Popularity(), 1, seeds="none"), [2]) == [[0] * 5]


def test_what_is_popular_is_added_as_serving_adds_it() -> None:
    snapshot = Snapshot.of(rich())
    plain, with_prior = Source("a", RecencyBlend(), 1), Source("a", RecencyBlend(), 1, prior=True)
    served, _ = RecencyBlend().fit(snapshot.events).recommend(np.arange(80, dtype=np.int32), count=5)
    every = told(fitted(with_prior, snapshot), range(80))
    assert not np.array_equal(every, told(fitted(plain, snapshot), range(80)))
    every[snapshot.owned.visitors, snapshot.owned.items] = -1
    best, _ = select_best(every, 5)
    assert (best == served)[served >= 0].all()


def test_one_lesson_serves_several_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    lessons: list[bool] = []
    learn = Source.learn
    monkeypatch.setattr(
        Source, "learn", lambda self, known: (lessons.append(self.by_basket), learn(self, known))[1]
    )
    every = [Source("a", ItemKNN(), 1), Source("b", ItemKNN(), 1, seeds="last basket")]
    Pool(shop(), [*every, Source("c", ItemKNN(), 1, by_basket=True)], listed=1)
    assert lessons == [False, True]


def test_baskets_may_speak_instead_of_visitors() -> None:
    """0 and 1 never stood in one order."""
    apart = Snapshot.of(entries([(0, 0, 1), (0, 1, 2), (0, 2, 2)], n_visitors=1, n_items=3))
    one = fitted(Source("a", ItemKNN(), 1, by_basket=True), apart).table.toarray()
    assert one[0].tolist() == [0, 0, 0]
    assert one[1, 2] > 0
    assert fitted(Source("a", ItemKNN(), 1), apart).table.toarray()[0, 1] > 0


def test_seeds_and_counts_are_checked() -> None:
    for field, value in (("seeds", "first basket"), ("count", -1)):
        with pytest.raises(InvalidInputError) as refusal:
            replace(Source("a", ItemKNN(), 1), **{field: value})
        assert refusal.value.field == field


def test_candidates_are_the_best_new_items_the_listed_and_the_own_ones() -> None:
    pool = Pool(shop(), [Source("a", ItemKNN(), 1, seeds="last basket")], listed=0)
    (found,) = pool.candidates(np.array([2]))
    assert found.items.tolist() == [0, 2, 3]
    assert found.own.tolist() == [True, True, False]
    (listed,) = Pool(shop(), [], listed=1).candidates(np.array([1]))
    assert listed.items.tolist() == [0, 2, 3]  # 0 is the lowest of the best sellers
    assert Goal.NEW.of(listed, front=1).items.tolist() == [0]


def test_beside_what_a_visitor_has_only_the_first_of_each_source_are_offered() -> None:
    said = np.array([[0.9, 0.8, 0.7, 0.6], [0.1, 0.0, 0.2, 0.3]], np.float32)
    own = np.array([True, False, False, False])
    candidates = Candidates.of(np.zeros(4, np.int64), np.arange(4), own, said)
    assert Goal.ALL.of(candidates, front=1).items.tolist() == [0, 1, 3]
    assert Goal.ALL.of(candidates, front=2).items.tolist() == [0, 1, 2, 3]
    assert Goal.NEW.of(candidates, front=1).items.tolist() == [1, 2, 3]


def test_what_was_never_sold_is_no_candidate() -> None:
    titled = ring(visitors=20)
    unsold = replace(titled, n_items=titled.n_items + 1, catalog=None)
    pool = Pool(Snapshot.of(unsold), [Source("a", ItemKNN(), 50)], listed=500)
    assert titled.n_items not in np.concatenate([part.items for part in pool.candidates(np.arange(20))])


def test_chunks_of_visitors_give_the_candidates_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [Source("a", ItemKNN(), 5), Source("u", UserKNN(), 5, seeds="none")]
    pool = Pool(Snapshot.of(rich()), sources, listed=2)
    (whole,) = pool.candidates(np.arange(80))
    monkeypatch.setattr(pool_module, "_CHUNK_BYTES", 10_000)
    parts = list(pool.candidates(np.arange(80)))
    assert len(parts) > 5
    for name in ("visitors", "items", "own"):
        assert np.array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))
    assert np.array_equal(np.hstack([part.scores for part in parts]), whole.scores)
    assert np.array_equal(np.hstack([part.ranks for part in parts]), whole.ranks, equal_nan=True)


def test_places_are_counted_within_a_visitor_and_are_unknown_without_a_score() -> None:
    told = np.array([[0.5, 1.0, 0.5, 0.0, 0.2]], np.float32)
    visitors, items = np.array([3, 3, 3, 3, 8]), np.array([1, 4, 6, 7, 1])
    candidates = Candidates.of(visitors, items, np.zeros(5, np.bool_), told)
    np.testing.assert_array_equal(candidates.ranks, [[1, 0, 2, np.nan, 0]])
    assert candidates.sizes.tolist() == [4, 1]


def test_what_a_visitor_has_takes_no_place() -> None:
    told = np.array([[0.5, 1.0, 0.7, 0.2]], np.float32)
    own = np.array([False, True, True, False])
    candidates = Candidates.of(np.zeros(4, np.int64), np.arange(4), own, told)
    assert candidates.ranks.tolist() == [[0, 0, 0, 1]]
    assert candidates.take(~own).ranks.tolist() == [[0, 1]]


def test_a_source_without_room_is_left_out_and_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "personalization")
    pool = Pool(
        shop(), [Source("large", EASE(memory_budget_mb=0.0001), 1), Source("a", ItemKNN(), 1)], listed=1
    )
    assert [source.name for source in pool.sources] == ["a"]
    assert "large" in caplog.text


class Refusing(ItemKNN):
    def fit(self, interactions: Interactions) -> FittedTables:
        raise InvalidInputError("weights", "none of these")


def test_an_error_that_is_not_of_memory_is_raised() -> None:
    with pytest.raises(InvalidInputError, match="none of these"):
        Pool(shop(), [Source("odd", Refusing(), 1)], listed=1)


def test_examples_are_of_visitors_who_took_a_candidate() -> None:
    rows: list[tuple[int, int, float]] = [*PAIRS, (2, 3, 12), (2, 0, 13), (0, 0, 12), (1, 0, 30)]
    taken = replace(entries(rows, n_visitors=4, n_items=5), as_of=30 * DAY)
    (window,) = label_windows(taken, [(20, 10)])
    pool = Pool(window.history, [Source("a", ItemKNN(), 5)], listed=1)
    found = make_examples(pool, window, window.visitors, {Goal.NEW: 1.0, Goal.ALL: 1.0}, front=5)
    (new,), (every,) = found[Goal.NEW], found[Goal.ALL]
    assert new.groups.sum() == len(new.taken) == len(new.values)
    assert new.groups.tolist() == [2]  # visitor 2 among 1 and 3; visitor 0 took nothing new
    assert new.taken.tolist() == [False, True]
    assert every.taken.sum() == 3
    assert len(every.groups) == 2
    assert [name for name in every.names if name not in new.names] == [
        name for name in every.names if name.startswith("own_")
    ]


def test_all_that_was_taken_and_a_share_of_the_rest_are_examples() -> None:
    (window,) = label_windows(rich(), [(40, 40)])
    pool = Pool(window.history, [Source("a", ItemKNN(), 20)], listed=5)

    def examples(share: float) -> Examples:
        (part,) = make_examples(pool, window, window.visitors, {Goal.NEW: share}, front=1)[Goal.NEW]
        return part

    every, some = examples(1.0), examples(0.3)
    assert len(some.taken) - some.taken.sum() == pytest.approx(0.3 * (~every.taken).sum(), rel=0.1)
    assert some.taken.sum() == every.taken.sum() > 0
    assert some.groups.sum() == len(some.taken) == len(some.values)
    assert len(some.groups) == len(every.groups)
    known = {row.tobytes() for row in every.values}  # places are told as among all
    assert all(row.tobytes() in known for row in some.values)


def test_a_later_pool_is_spared_what_only_looks_at_the_catalog() -> None:
    class Counted(ItemKNN):
        learned = 0

        def fit(self, interactions: Interactions) -> FittedTables:
            Counted.learned += 1
            return super().fit(interactions)

    sources = [
        Source("a", Counted(), 5, timeless=True),
        Source("b", Counted(), 5, timeless=True, strongest=True),
        Source("c", ItemKNN(), 5),
    ]
    first = Pool(shop(), sources, listed=1, threads=2)
    second = Pool(shop(), sources, listed=1, known=first.timeless)
    assert Counted.learned == 1
    rows = np.arange(2, dtype=np.int64)
    for one, other in zip(first.candidates(rows), second.candidates(rows), strict=True):
        assert np.array_equal(one.scores, other.scores)


def test_visitors_are_drawn_where_rows_are_short() -> None:
    windows = label_windows(rich(), [(60, 60), (20, 20)])
    every = draw_visitors(windows, width=10, rows=10**9, rng=np.random.default_rng(0))
    assert [len(rows) for rows in every] == [len(window.visitors) for window in windows]
    own = [len(window.history.owned.keys) / window.history.n_visitors for window in windows]
    expected = sum(len(rows) * (10 + each) for rows, each in zip(every, own, strict=True))
    half = draw_visitors(windows, width=10, rows=int(expected / 2), rng=np.random.default_rng(0))
    for some, rows in zip(half, every, strict=True):
        assert len(some) == pytest.approx(len(rows) / 2, abs=3)
        assert set(some) <= set(rows)
        assert (np.diff(some) > 0).all()


def test_the_best_candidates_become_rows_by_place() -> None:
    told = np.zeros((0, 4), np.float32)
    candidates = Candidates.of(np.array([1, 1, 1, 3]), np.array([5, 6, 7, 5]), np.zeros(4, np.bool_), told)
    best = best_of(candidates, np.array([0.5, 2.0, 0.5, -1.0]), 2)
    assert best.items.tolist() == [6, 5, 5]
    rows = rank_rows([best], n_visitors=5, count=2)
    assert [len(rows.row(visitor)[0]) for visitor in range(5)] == [0, 2, 0, 1, 0]
    assert rows.row(1)[0].tolist() == [6, 5]
    assert rows.row(1)[1].tolist() == [1, 0.5]
    assert len(rank_rows([], n_visitors=2, count=2)) == 2


def test_how_many_candidates_a_visitor_has_is_counted() -> None:
    pool = Pool(Snapshot.of(rich()), [Source("a", ItemKNN(), 5)], listed=0)
    assert pool.width(np.random.default_rng(0)) == pytest.approx(5, abs=0.5)
