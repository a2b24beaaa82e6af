import pytest

from personalization.engine.evaluation import Task
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.popularity import Popularity
from personalization.exceptions import InvalidInputError
from personalization.measurement.tuning import check_grids, read_grids, tune, validation_split
from personalization.testing import make_interactions

DAY = 86_400_000_000


def test_values_are_read_as_json_else_as_text():
    assert read_grids(["my.own.decay_days=null,1.5", "auto.binary=true", "my.own.similarity=cosine"]) == {
        "my.own": {"decay_days": [None, 1.5], "similarity": ["cosine"]},
        "auto": {"binary": [True]},
    }


@pytest.mark.parametrize(
    "text", ["neighbors=1", "auto.neighbors", "auto.=1", ".neighbors=1", "auto.neighbors="]
)
def test_what_is_no_grid_is_refused(text):
    with pytest.raises(InvalidInputError, match=r"tune: expected ALIAS\.OPTION=VALUE"):
        read_grids([text])


def test_a_large_search_is_refused():
    values = ",".join(map(str, range(1, 16)))
    with pytest.raises(InvalidInputError, match="tune: at most 200"):
        read_grids([f"a.neighbors={values}", f"a.damping={values}"])


@pytest.mark.parametrize(
    ("grids", "reason"),
    [
        ({"other": {"neighbors": [1]}}, "'other' is not among"),
        ({"knn": {"nope": [1]}}, "'knn' cannot be made"),
        ({"knn": {"neighbors": [0]}}, "neighbors"),
    ],
)
def test_refusals_name_the_option(grids, reason):
    with pytest.raises(InvalidInputError, match=f"tune: .*{reason}"):
        check_grids(grids, {"knn": ItemKNN()})


def test_the_name_of_the_winner_must_be_free():
    with pytest.raises(InvalidInputError, match="tune: 'knn-tuned' is the name of what wins"):
        check_grids({"knn": {"neighbors": [1]}}, {"knn": ItemKNN(), "knn-tuned": ItemKNN()})


def test_every_combination_stands_behind_the_declared_options():
    (combinations,) = check_grids(
        {"knn": {"neighbors": [5, 9], "damping": [0.5]}}, {"knn": ItemKNN()}
    ).values()
    assert [options for options, _ in combinations] == [
        {},
        {"neighbors": 5, "damping": 0.5},
        {"neighbors": 9, "damping": 0.5},
    ]
    assert combinations[2][1] == ItemKNN(neighbors=9, damping=0.5)


@pytest.fixture
def fashion():
    """Item 0 was liked long ago, item 1 is liked now, and takers of the window choose it."""
    old, new = [(v, 0) for v in range(30)], [(v, 1) for v in range(30, 50)]
    window = [(v, 1) for v in range(10)]
    rest = [(v, 2) for v in range(50, 60)]
    times = [0] * 30 + [79 * DAY] * 20 + [90 * DAY] * 10 + [100 * DAY] * 10
    pairs = old + new + window + rest
    return make_interactions(pairs, n_visitors=60, n_items=3, times=times)


def test_the_window_is_the_last_fifth_of_the_time(fashion):
    split = validation_split(fashion)
    assert split.train.as_of == 80 * DAY
    assert len(split.train) == 50
    assert split.test.visitors.tolist() == [*range(10), *range(50, 60)]


def test_what_finds_most_in_the_window_wins(fashion):
    combinations = check_grids({"p": {"decay_days": [1.0, 1000.0]}}, {"p": Popularity()})["p"]
    tuning = tune(combinations, validation_split(fashion), task=Task.ALL, k=1)
    assert tuning.won == {"decay_days": 1.0}
    assert tuning.recommender == Popularity(decay_days=1.0)
    assert [attempt.ndcg for attempt in tuning.attempts] == [0, 1, 0]


def test_of_equals_the_declared_options_win(fashion):
    combinations = check_grids({"p": {"decay_days": [2000.0]}}, {"p": Popularity()})["p"]
    assert tune(combinations, validation_split(fashion), task=Task.ALL, k=1).won == {}


def test_without_times_or_visitors_there_is_no_window():
    with pytest.raises(InvalidInputError, match=r"tune: .*--time-column"):
        validation_split(make_interactions([(0, 0)], n_visitors=1, n_items=1))
    alone = make_interactions([(0, 0)], n_visitors=1, n_items=1, times=[5])
    with pytest.raises(InvalidInputError, match="tune: the validation window"):
        tune([({}, Popularity())], validation_split(alone), task=Task.NEW, k=1)
