"""A real Spark on two threads; what it learned is checked by its own factors and by what is known of the shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from personalization.contrib.spark_als import SparkALS
from personalization.engine.errors import InvalidInputError
from personalization.testing import checkerboard
from tests.contrib.wanted import wanted

pytestmark = pytest.mark.slow
if not wanted("pyspark", "spark"):
    pytest.skip("needs the extra [spark]", allow_module_level=True)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [f"sku-{number:02}" for number in range(12)]
SMALL = SparkALS(rank=4, iterations=5, neighbors=11, blocks=2)


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.default.parallelism", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def lines():
    """Even people buy in the first half of the shop, odd ones in the second; the last one's events came long ago."""
    return [
        (
            f"person-{person}",
            KEYS[(person + step) % 6 + 6 * (person % 2)],
            1.0 + step,
            NOW - timedelta(days=person),
        )
        for person in range(30)
        for step in range(4)
    ]


@pytest.fixture(scope="module")
def parquet(spark, tmp_path_factory):
    path = str(tmp_path_factory.mktemp("events") / "events.parquet")
    rows = [
        *lines(),
        ("person-1", "sku-00", 0.0, NOW),
        ("person-1", "sku-00", -1.0, NOW),
        ("person-1", None, 1.0, NOW),
    ]
    spark.createDataFrame(rows, "visitor string, item string, weight double, time timestamp").write.parquet(
        path
    )
    return path


@pytest.fixture(scope="module")
def trained(parquet):
    """What was learned, and the model of MLlib that it was learned by."""
    from pyspark.ml.recommendation import ALS

    models = []
    fit = ALS.fit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ALS, "fit", lambda self, frame: models.append(fit(self, frame)) or models[-1])
        learned = SMALL.learn(parquet)
    return learned, models[0]


@pytest.fixture(scope="module")
def learned(trained):
    return trained[0]


def test_rows_are_keys_the_highest_first(learned):
    assert learned.keys == tuple(reversed(KEYS))


def test_the_tables_are_what_numpy_makes_of_the_factors(learned):
    factors = learned.factors.astype(np.float64)
    assert np.abs(factors).sum() > 1
    folded = factors @ np.linalg.solve(factors.T @ factors + 0.1 * np.eye(4), factors.T)
    unit = factors / np.linalg.norm(factors, axis=1, keepdims=True)
    for expected, table in ((folded, learned.tables.weights), (unit @ unit.T, learned.tables.neighbors)):
        np.fill_diagonal(expected, 0)
        found = np.zeros((12, 12))
        for row in range(12):
            columns, values = table.row(row)
            found[row, columns] = values
        np.testing.assert_allclose(found, np.where(expected > 0, expected, 0), atol=1e-5)


def test_each_half_of_the_shop_speaks_for_itself(learned):
    for row in range(12):
        columns, _ = learned.tables.weights.row(row)
        assert (columns[0] < 6) == (row < 6)


def test_the_factors_solve_the_equations_of_these_events(trained):
    """Spark's last half step solves for the visitors: numpy solves the same from the factors of the items."""
    learned, model = trained
    told = np.zeros((30, 12))
    for person, key, weight, _ in lines():
        told[int(person.removeprefix("person-")), learned.keys.index(key)] += weight
    sure, items = 3.0 * told, learned.factors.astype(np.float64)
    expected = np.array(
        [
            np.linalg.solve(
                items.T @ ((1 + own)[:, None] * items) + 0.1 * np.count_nonzero(own) * np.eye(4),
                items.T @ np.where(own > 0, 1 + own, 0),
            )
            for own in sure
        ]
    )
    found = np.array([vector for _, vector in sorted(model.userFactors.collect())])
    order = sorted(range(30), key=lambda person: f"person-{person}", reverse=True)
    np.testing.assert_allclose(found, expected[order], atol=1e-3)


def test_what_is_popular_is_counted_by_people_and_decays(parquet, learned):
    assert learned.tables.ranking.scores[0] == 1
    assert sorted(learned.tables.ranking.items.tolist()) == list(range(12))
    recent = SparkALS(rank=2, iterations=1, blocks=2, decay_days=3.0).learn(parquet).tables.ranking
    expected: dict[str, float] = {}
    for _, key, _, time in lines():
        expected[key] = expected.get(key, 0) + np.exp(-(NOW - time).days / 3.0)
    sums = np.array([expected[key] for key in reversed(KEYS)])
    np.testing.assert_allclose(recent.scores, np.sort(sums / sums.max())[::-1], rtol=1e-5)


def test_interactions_that_are_here_can_be_learned_from_to_compare(spark):
    fitted = SparkALS(rank=2, iterations=5, neighbors=9, blocks=2).fit(checkerboard())
    items, _ = fitted.recommend(np.arange(12), count=1)
    assert (items[:, 0] % 2 == np.arange(12) % 2).all()


def test_a_frame_without_items_is_refused_by_name(spark):
    with pytest.raises(InvalidInputError, match="item") as caught:
        SMALL.learn(spark.createDataFrame([("a",)], "visitor string"))
    assert caught.value.field == "frame"


@pytest.mark.parametrize(
    ("option", "value"),
    [("rank", 0), ("iterations", 1.5), ("regularization", 0), ("alpha", -1), ("decay_days", 0), ("seed", -1)],
)
def test_options_that_are_wrong_are_refused_by_name(option, value):
    with pytest.raises(InvalidInputError) as caught:
        SparkALS(**{option: value})
    assert caught.value.field == option
