import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.ladder import Auto
from personalization.engine.ladder.champions import crowned
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.user_knn import UserKNN
from personalization.engine.tables import SparseRows, Tables
from personalization.testing import RecommenderContract, assert_same_tables, make_interactions
from tests.engine.ladder.worlds import DAY, fashions, habits, tastes

POPULAR, NEAR = Popularity(decay_days=7.0), ItemKNN(neighbors=20)


class Own(Recommender):
    """Offers everybody its own items again."""

    def fit(self, interactions):
        fitted = NEAR.fit(interactions)
        history = fitted.history
        values = np.ones(history.nnz, np.float32)
        rows = SparseRows(history.indptr.astype(np.int64), history.indices.astype(np.int32), values)
        return FittedTables(Tables(**{**parts(fitted.tables()), "repeats": rows}), history)


def parts(tables):
    return {name: getattr(tables, name) for name in ("neighbors", "weights", "ranking")}


class Timely(Own):
    """Sees nothing where times are unknown."""

    needs_times = True


class TestContract(RecommenderContract):
    recommender = Auto()


class TestLadder(RecommenderContract):
    recommender = Auto(steps=(POPULAR, NEAR, RP3beta()))


def test_where_taste_tells_a_table_is_published():
    report = Auto(steps=(POPULAR, NEAR)).fit(tastes()).report
    assert report["champions"]["new"].startswith("ItemKNN")
    assert report["ndcg@10"] > 3 * report["popularity"]["ndcg@10"]


def test_without_times_too():
    fitted = Auto(steps=(POPULAR, NEAR)).fit(tastes(times=False))
    assert fitted.report["champions"] == {"new": "ItemKNN(neighbors=20)"}
    assert_same_tables(fitted.tables(), NEAR.fit(tastes(times=False)).tables())


def test_where_only_fashion_tells_nothing_better_than_popularity_is_published():
    fitted = Auto(steps=(POPULAR, ItemKNN(), UserKNN())).fit(fashions())
    assert fitted.report["champions"]["new"].startswith("Popularity")
    assert fitted.tables().weights is None


def test_each_goal_has_a_champion_of_its_own():
    fitted = Auto(steps=(POPULAR, NEAR, Own())).fit(habits())
    assert fitted.report["champions"]["all"] == "Own()"
    visitor = 3
    own = set(habits().items[habits().visitors == visitor].tolist())
    again, _ = fitted.recommend(visitor, count=3, exclude_seen=False)
    new, _ = fitted.recommend(visitor, count=3)
    assert set(again.tolist()) <= own
    assert not set(new.tolist()) & own


def test_a_champion_of_repeats_without_lists_gets_some():
    interactions = habits()
    new, every = NEAR.fit(interactions), Popularity().fit(interactions)
    both = crowned(new, every, list_length=5, report={})
    expected, _ = every.recommend(7, count=5, exclude_seen=False)
    assert both.recommend(7, count=5, exclude_seen=False)[0].tolist() == expected.tolist()
    assert both.recommend(7, count=5)[0].tolist() == new.recommend(7, count=5)[0].tolist()


def test_the_winner_learns_from_everything():
    interactions = tastes()
    fitted = Auto(steps=(POPULAR, NEAR)).fit(interactions)
    assert_same_tables(fitted.tables(), NEAR.fit(interactions).tables())


def test_a_mixture_is_tried_and_must_be_worth_it():
    report = Auto(steps=(POPULAR, NEAR, RP3beta(), EASE())).fit(tastes()).report
    tried = [*report["steps"], *report["left_out"]]
    assert any(name.startswith("Mixture of ") for name in tried)


def test_what_cannot_be_learned_here_is_left_out_and_said():
    report = (
        Auto(steps=(POPULAR, NEAR, EASE(), "no.such.module.Ranker"), memory_budget_mb=0.35)
        .fit(tastes())
        .report
    )
    assert report["champions"]["new"].startswith("ItemKNN")
    assert "MB" in report["left_out"]["EASE()"]
    assert "Ranker" in report["left_out"]


def test_what_needs_times_is_not_tried_without_them():
    steps = (POPULAR, NEAR, Timely())
    assert "Timely()" in Auto(steps=steps).fit(habits()).report["steps"]
    report = Auto(steps=steps).fit(tastes(times=False)).report
    assert "Timely()" not in report["steps"]
    assert "times" in report["left_out"]["Timely()"]


def test_with_too_little_to_compare_the_second_step_is_published():
    pairs = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 0)]
    interactions = make_interactions(pairs, n_visitors=3, n_items=3, times=[DAY * at for at in range(5)])
    fitted = Auto(steps=(POPULAR, NEAR)).fit(interactions)
    assert "skipped" in fitted.report
    assert_same_tables(fitted.tables(), NEAR.fit(interactions).tables())


def test_where_only_the_floor_can_be_made_it_is_published():
    pairs = [(0, 0), (0, 1), (1, 1)]
    fitted = Auto(steps=(POPULAR, "no.such.Ranker")).fit(make_interactions(pairs, n_visitors=2, n_items=2))
    assert fitted.tables().ranking.items.tolist() == [1, 0]


@pytest.mark.parametrize("steps", [("no.such.A", "no.such.B"), (EASE(), EASE(regularization=9.0))])
def test_where_nothing_can_be_tried_the_refusal_says_why(steps):
    with pytest.raises(InvalidInputError, match=r"No module|MB") as refusal:
        Auto(steps=steps, memory_budget_mb=0.01).fit(tastes())
    assert refusal.value.field == "steps"


def test_the_report_is_json():
    json.dumps(Auto(steps=(POPULAR, NEAR)).fit(tastes()).report)


@pytest.mark.parametrize(
    ("field", "value"), [("steps", (POPULAR,)), ("list_length", 0), ("memory_budget_mb", 0)]
)
def test_what_is_wrong_is_named(field, value):
    with pytest.raises(InvalidInputError) as refusal:
        Auto(**{field: value})
    assert refusal.value.field == field


@dataclass(frozen=True)
class Slow(Recommender):
    """Has a draft, and remembers what was learned."""

    learned: list = field(default_factory=list, compare=False)
    name: str = "whole"

    def draft(self, visitors):
        return replace(self, name="draft")

    def fit(self, interactions):
        self.learned.append((self.name, len(interactions)))
        return NEAR.fit(interactions)


def test_what_takes_long_is_tried_as_a_draft_and_published_whole():
    slow, interactions = Slow(), tastes()
    Auto(steps=(POPULAR, slow)).fit(interactions)
    (tried, seen), (published, every) = slow.learned
    assert (tried, published) == ("draft", "whole")
    assert seen < every == len(interactions)
