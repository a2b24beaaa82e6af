"""Matrix factorization by Spark (extra ``[spark]``), for events that live in Spark or in parquet files already."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.contrib.extras import check_extra
from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.dense_table import keep_largest
from personalization.engine.kernels.factors import cosine_neighbors
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.tables import Ranking, Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.interactions import Interactions

_DAY: Final = 86_400.0
_COLUMNS: Final = ("visitor", "item")


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Tables, and what their rows mean.

    keys    : the item key of each row, the highest first
    factors : float32 (n_items, rank) Spark's item factors
    """

    keys: tuple[str, ...]
    tables: Tables
    factors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SparkALS(Recommender):
    """Implicit feedback by alternating least squares, by Spark's MLlib; what is published is a linear item table.

    ``min Σ_ui (1 + alpha r_ui) (p_ui - x_u · y_i)² + regularization · (Σ_u n_u |x_u|² + Σ_i n_i |y_i|²)``, r_ui the sum of
    the pair's weights, decayed, p_ui = 1 where r_ui > 0, else 0. A visitor is folded in by ridge regression on its items,
    all equally sure, so that it is a sum over the history: ``W = Y (YᵀY + regularization · I)⁻¹ Yᵀ``, Y the item factors.
    Neighbors are the cosines of Y, the ranking is Σ_u of decayed pairs as in `Popularity`.

    Parameters
    ----------
    rank, iterations : length of the factors, and sweeps, ≥ 1
    regularization   : > 0, times the number of pairs of each visitor and item, as Spark has it
    alpha            : how much surer one more event makes, > 0
    decay_days       : time constant in days by which events lose weight; None: never
    neighbors        : sources that each target keeps, ≥ 1
    blocks           : into which visitors and items are cut to be worked on at the same time, ≥ 1
    seed             : of the factors to begin with. Spark's sums depend on how data are partitioned, so two runs are
                       equal only to some digits

    Raises
    ------
    InvalidInputError naming the parameter, and ``recommender`` without pyspark.

    Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets, ICDM 2008; Zhou et al., Large-scale
    parallel collaborative filtering for the Netflix prize, AAIM 2008 (the scaled regularization).
    """

    rank: int = 64
    iterations: int = 10
    regularization: float = 0.1
    alpha: float = 3.0
    decay_days: float | None = None
    neighbors: int = 100
    blocks: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("rank", "iterations", "neighbors", "blocks"):
            check_whole(name, getattr(self, name), minimum=1)
        check_whole("seed", self.seed, minimum=0)
        check_real("regularization", self.regularization)
        check_real("alpha", self.alpha)
        check_days("decay_days", self.decay_days)

    def learn(self, frame: Any) -> Learned:
        """Learn from a Spark DataFrame, or a path of parquet files that the active session can read.

        Columns ``visitor`` and ``item`` of any type, which are read as text; ``weight``, a number > 0, and ``time``, a
        timestamp, if there are any. Weights that are null or not above 0 do not count. Neither events nor pairs leave Spark: the driver
        gets the keys, and the factors and counts of items.

        Raises InvalidInputError naming ``frame`` when a column is missing.
        """
        check_extra("pyspark", "spark")
        if isinstance(frame, str):
            frame = import_module("pyspark.sql").SparkSession.builder.getOrCreate().read.parquet(frame)
        missing = [name for name in _COLUMNS if name not in frame.columns]
        if missing:
            raise InvalidInputError("frame", f"has no column {missing[0]!r}")
        rows, keys = _numbered(_weighed(frame, self.decay_days))
        pairs = rows.groupBy(*_COLUMNS).agg({"weight": "sum", "decay": "max"})
        pairs = (
            pairs.withColumnRenamed("sum(weight)", "weight").withColumnRenamed("max(decay)", "decay").cache()
        )
        try:
            factors, tables = self._learned(pairs, len(keys))
        finally:
            pairs.unpersist()
        return Learned(keys, tables, factors)

    def fit(self, interactions: Interactions) -> FittedTables:
        """Learn from interactions that are here already, to compare; what is in Spark is for `learn`."""
        check_extra("pyspark", "spark")
        weights = pair_matrix(interactions, binary=False, decay_days=self.decay_days)
        pairs = pair_matrix(interactions, decay_days=self.decay_days)
        if not pairs.nnz:
            none = Ranking(np.empty(0, np.int32), np.empty(0, np.float32))
            return FittedTables(Tables(ranking=none), pairs)
        visitors = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
        columns = (visitors, pairs.indices, weights.data, pairs.data)
        session = import_module("pyspark.sql").SparkSession.builder.getOrCreate()
        frame = session.createDataFrame(
            list(zip(*(column.tolist() for column in columns), strict=True)),
            "visitor int, item int, weight double, decay double",
        )
        return FittedTables(self._learned(frame, pairs.shape[1])[1], pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _learned(self, pairs: Any, n_items: int) -> tuple[NDArray[np.float32], Tables]:
        """(item factors, tables) of a frame of numbered visitors and items, weight and decay, a row for each pair."""
        als = import_module("pyspark.ml.recommendation").ALS(
            rank=self.rank,
            maxIter=self.iterations,
            regParam=self.regularization,
            alpha=self.alpha,
            seed=self.seed,
            implicitPrefs=True,
            numUserBlocks=self.blocks,
            numItemBlocks=self.blocks,
            userCol="visitor",
            itemCol="item",
            ratingCol="weight",
        )
        factors = np.zeros((n_items, self.rank), dtype=np.float32)
        for item, vector in als.fit(pairs).itemFactors.toLocalIterator():
            factors[item] = vector
        sums = np.zeros(n_items)
        for item, total in pairs.groupBy("item").agg({"decay": "sum"}).toLocalIterator():
            sums[item] = total
        folded = keep_largest(_fold_in(factors, self.regularization), n_items, self.neighbors)
        neighbors = cosine_neighbors(factors, self.neighbors)
        return factors, Tables(neighbors=neighbors, weights=transpose(folded), ranking=_ranked(sums))


def _weighed(frame: Any, decay_days: float | None) -> Any:
    """visitor and item as text, weight and decay as doubles."""
    functions = import_module("pyspark.sql.functions")
    weight = functions.col("weight").cast("double") if "weight" in frame.columns else functions.lit(1.0)
    decay = functions.lit(1.0)
    if decay_days is not None and "time" in frame.columns:
        seconds = functions.col("time").cast("timestamp").cast("double")
        newest = frame.agg({"time": "max"}).first()[0]
        if newest is not None:
            age = functions.lit(newest).cast("timestamp").cast("double") - seconds
            decay = functions.exp(-age / (_DAY * decay_days))
    texts = (functions.col(name).cast("string").alias(name) for name in _COLUMNS)
    weighed = frame.select(*texts, weight.alias("weight"), decay.alias("decay"))
    usable = weighed.dropna().where("weight > 0")
    return usable.withColumn("weight", functions.col("weight") * functions.col("decay"))


def _numbered(frame: Any) -> tuple[Any, tuple[str, ...]]:
    """(the same with rows in place of texts, the item key of each row)."""
    functions = import_module("pyspark.sql.functions")
    outputs = [f"{name}_row" for name in _COLUMNS]
    indexer = import_module("pyspark.ml.feature").StringIndexer(
        inputCols=list(_COLUMNS), outputCols=outputs, stringOrderType="alphabetDesc"
    )
    model = indexer.fit(frame)
    rows = (functions.col(f"{name}_row").cast("int").alias(name) for name in _COLUMNS)
    return model.transform(frame).select(*rows, "weight", "decay"), tuple(model.labelsArray[1])


def _fold_in(factors: NDArray[np.float32], regularization: float) -> Any:
    """Rows start … stop - 1 of ``Y (YᵀY + regularization · I)⁻¹ Yᵀ``."""
    wide = factors.astype(np.float64)
    inverse = np.linalg.inv(wide.T @ wide + regularization * np.eye(wide.shape[1]))
    left = (wide @ inverse).astype(np.float32)

    def rows(start: int, stop: int) -> NDArray[np.float32]:
        return np.asarray(left[start:stop] @ factors.T)

    return rows


def _ranked(sums: NDArray[np.float64]) -> Ranking:
    scores = (sums / (sums.max(initial=0.0) or 1.0)).astype(np.float32)
    listed = np.flatnonzero(sums)
    order = listed[np.lexsort((listed, -scores[listed]))].astype(np.int32)
    return Ranking(order, scores[order])
