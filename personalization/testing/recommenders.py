"""Contract suites for people who extend the app: subclass one, name your class, run it with your tests.

::

    from personalization.testing import RecommenderContract


    class TestMyRecommender(RecommenderContract):
        recommender = MyRecommender()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.tables import SparseRows, Tables, pack_row, unpack_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from personalization.engine.recommenders.base import FittedRecommender, Recommender

_DAY = 86_400_000_000


def make_interactions(
    pairs: list[tuple[int, int]], *, n_visitors: int, n_items: int, times: list[int] | None = None
) -> Interactions:
    """Interactions of weight 1 from (visitor row, item row) pairs."""
    table = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return Interactions(
        visitors=table[:, 0].copy(),
        items=table[:, 1].copy(),
        weights=np.ones(len(table), dtype=np.float32),
        n_visitors=n_visitors,
        n_items=n_items,
        times=None if times is None else np.array(times, dtype=np.int64),
    )


def checkerboard(*, n_visitors: int = 12, n_items: int = 10) -> Interactions:
    """Even visitors have the even items, odd visitors the odd ones, each without one that it should be offered.

    Visitor v lacks the (v // 2)-th item of its color (counted around), so that the only good recommendation for
    it is known by construction: `missing_item`.
    """
    pairs = [
        (visitor, item)
        for visitor in range(n_visitors)
        for item in range(visitor % 2, n_items, 2)
        if item != missing_item(visitor, n_items=n_items)
    ]
    times = [visitor * _DAY for visitor, _ in pairs]
    return make_interactions(pairs, n_visitors=n_visitors, n_items=n_items, times=times)


def missing_item(visitor: int, *, n_items: int = 10) -> int:
    """The item that `checkerboard` keeps back from a visitor."""
    color = visitor % 2
    own = list(range(color, n_items, 2))
    return own[(visitor // 2) % len(own)]


class RecommenderContract:
    """What every recommender has to hold. Set ``recommender``; ``personal = False`` when all get the same list."""

    recommender: ClassVar[Recommender]
    personal: ClassVar[bool] = True

    def fit(self, interactions: Interactions | None = None) -> FittedRecommender:
        return self.recommender.fit(checkerboard() if interactions is None else interactions)

    def test_finds_the_missing_item_of_a_checkerboard(self) -> None:
        if not self.personal:
            return
        items, _ = self.fit().recommend(np.arange(12, dtype=np.int32), count=1)
        assert items[:, 0].tolist() == [missing_item(visitor) for visitor in range(12)]

    def test_learning_twice_gives_the_same_tables(self) -> None:
        assert_same_tables(self.fit().tables(), self.fit().tables())

    def test_the_order_of_interactions_does_not_matter(self) -> None:
        mixed = _permuted(checkerboard(), np.random.default_rng(7))
        assert_same_tables(self.fit(mixed).tables(), self.fit().tables())

    def test_learning_changes_no_argument(self) -> None:
        interactions = checkerboard()
        before = [interactions.visitors.copy(), interactions.items.copy(), interactions.weights.copy()]
        self.fit(interactions)
        after = [interactions.visitors, interactions.items, interactions.weights]
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))

    def test_one_visitor_gets_the_same_as_in_a_batch(self) -> None:
        fitted = self.fit()
        items, scores = fitted.recommend(np.arange(12, dtype=np.int32), count=4)
        for visitor in range(12):
            own_items, own_scores = fitted.recommend(visitor, count=4)
            assert np.array_equal(own_items, items[visitor])
            assert np.array_equal(own_scores, scores[visitor], equal_nan=True)

    def test_shapes_and_types(self) -> None:
        items, scores = self.fit().recommend(np.array([3, 1], dtype=np.int32), count=3)
        assert items.shape == scores.shape == (2, 3)
        assert (items.dtype.name, scores.dtype.name) == ("int32", "float32")

    def test_best_first_and_ties_by_the_lower_row(self) -> None:
        for items, scores in zip(*self.fit().recommend(np.arange(12, dtype=np.int32), count=10), strict=True):
            listed = [(-score, item) for item, score in zip(items, scores, strict=True) if item >= 0]
            assert listed == sorted(listed)
            assert len({item for _, item in listed}) == len(listed)

    def test_missing_places_come_last_and_are_marked(self) -> None:
        items, scores = self.fit().recommend(0, count=25)
        missing = items < 0
        assert missing[10:].all()
        assert (np.diff(missing.astype(int)) >= 0).all()
        assert (items[missing] == -1).all()
        assert np.array_equal(np.isnan(scores), missing)

    def test_seen_items_are_left_out_only_on_request(self) -> None:
        fitted, interactions = self.fit(), checkerboard()
        for visitor in range(12):
            seen = set(interactions.items[interactions.visitors == visitor].tolist())
            fresh, _ = fitted.recommend(visitor, count=10)
            every, _ = fitted.recommend(visitor, count=10, exclude_seen=False)
            assert not seen & set(fresh.tolist())
            assert seen & set(every.tolist())

    def test_no_visitor_asked_for_gives_no_rows(self) -> None:
        items, scores = self.fit().recommend(np.empty(0, dtype=np.int32), count=3)
        assert items.shape == scores.shape == (0, 3)

    def test_an_unknown_visitor_is_refused_by_name(self) -> None:
        fitted = self.fit()
        for row in (-1, 12, 2**31 - 1):
            assert _refused(lambda row=row: fitted.recommend(row, count=3)) == "rows"  # type: ignore[misc]
        unknown = np.array([0, 12], dtype=np.int32)
        assert _refused(lambda: fitted.recommend(unknown, count=3)) == "rows"

    def test_rows_that_are_no_rows_are_refused_by_name(self) -> None:
        fitted = self.fit()
        for rows in (np.array([0.0, np.nan]), np.zeros((2, 2), np.int32), np.array([True])):
            assert _refused(lambda rows=rows: fitted.recommend(rows, count=3)) == "rows"  # type: ignore[misc]

    def test_a_count_below_one_is_refused_by_name(self) -> None:
        fitted = self.fit()
        assert _refused(lambda: fitted.recommend(0, count=0)) == "count"
        assert _refused(lambda: fitted.neighbors(0)) == "count"

    def test_weights_that_are_not_finite_are_refused_by_name(self) -> None:
        for weight in (np.nan, np.inf, -np.inf, 0.0, -1.0):
            assert _refused(lambda weight=weight: self.fit(_weighted(weight))) == "weights"  # type: ignore[misc]

    def test_without_interactions_nothing_is_recommended(self) -> None:
        fitted = self.fit(make_interactions([], n_visitors=2, n_items=3))
        items, scores = fitted.recommend(np.array([0, 1], dtype=np.int32), count=2)
        assert (items == -1).all()
        assert np.isnan(scores).all()

    def test_one_visitor_and_one_item_can_be_learned_from(self) -> None:
        fitted = self.fit(make_interactions([(0, 0)], n_visitors=1, n_items=1))
        assert fitted.recommend(0, count=1)[0].tolist() == [-1]

    def test_a_visitor_without_history_is_answered(self) -> None:
        items, _ = self.fit(make_interactions([(0, 0), (0, 1)], n_visitors=2, n_items=3)).recommend(
            1, count=3
        )
        assert set(items.tolist()) <= {-1, 0, 1}

    def test_times_may_be_unknown(self) -> None:
        pairs = [(0, 0), (1, 0), (1, 1), (2, 2)]
        items, _ = self.fit(make_interactions(pairs, n_visitors=3, n_items=3)).recommend(0, count=1)
        assert items.tolist() == [1]

    def test_no_item_is_its_own_neighbor(self) -> None:
        items, scores = self.fit().neighbors(9)
        assert items.shape == scores.shape == (10, 9)
        assert not (items == np.arange(10)[:, None]).any()
        assert np.array_equal(np.isnan(scores), items < 0)

    def test_packed_tables_come_back_the_same_within_float16(self) -> None:
        tables = self.fit().tables()
        for table in (tables.neighbors, tables.weights, tables.visitors, tables.repeats):
            for row in range(0 if table is None else len(table)):
                assert_survives_packing(*table.row(row))  # type: ignore[union-attr]
        if tables.ranking is not None:
            assert_survives_packing(tables.ranking.items, tables.ranking.scores)

    def test_a_ranking_is_ordered_and_lies_between_zero_and_one(self) -> None:
        ranking = self.fit().tables().ranking
        if ranking is not None:
            assert (np.diff(ranking.scores) <= 0).all()
            assert ranking.scores.min() >= 0
            assert ranking.scores.max() <= 1


def assert_survives_packing(columns: NDArray[np.int32], values: NDArray[np.float32]) -> None:
    """What is stored for a row is read back: the same columns, values within the precision of float16."""
    read_columns, read_values = unpack_row(pack_row(columns, values))
    assert np.array_equal(read_columns, columns)
    largest = float(np.abs(values).max(initial=0.0))
    assert np.allclose(read_values, values, rtol=2**-10, atol=largest * 2**-24)


def assert_same_tables(left: Tables, right: Tables) -> None:
    """Equal bit for bit."""
    assert left.prior_share == right.prior_share
    assert (left.ranking is None) == (right.ranking is None)
    if left.ranking is not None and right.ranking is not None:
        assert np.array_equal(left.ranking.items, right.ranking.items)
        assert np.array_equal(left.ranking.scores, right.ranking.scores)
    _assert_same_rows(left.neighbors, right.neighbors)
    _assert_same_rows(left.weights, right.weights)
    _assert_same_rows(left.visitors, right.visitors)
    _assert_same_rows(left.repeats, right.repeats)


def _assert_same_rows(left: SparseRows | None, right: SparseRows | None) -> None:
    assert (left is None) == (right is None)
    if left is not None and right is not None:
        assert np.array_equal(left.indptr, right.indptr)
        assert np.array_equal(left.indices, right.indices)
        assert np.array_equal(left.values, right.values)


def _permuted(interactions: Interactions, rng: np.random.Generator) -> Interactions:
    return interactions.take(rng.permutation(len(interactions)))


def _weighted(weight: float) -> Interactions:
    one = np.zeros(1, dtype=np.int32)
    return Interactions(one, one, np.array([weight], dtype=np.float32), 1, 1)


def _refused(call: Callable[[], Any]) -> str:
    """The field that a refusal names; '' when nothing was refused."""
    try:
        call()
    except InvalidInputError as error:
        return error.field
    return ""
