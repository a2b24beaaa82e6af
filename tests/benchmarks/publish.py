"""Publishing a build: packed rows and a pointer, against the same neighbors as one row per pair.

The reference is what a Django developer writes: a model with both items, a rank and a score, filled by
``bulk_create(batch_size=1000)``. Its table exists only while the benchmark runs, and is emptied between rounds
outside the measured time.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from django.core.management import call_command
from django.db import connection, models, transaction

from personalization.engine.tables import SparseRows, Tables
from personalization.models import Build, BuildRow, LiveBuild
from personalization.store.builds import NewBuild, create_build, publish_build, write_tables
from tests.benchmarks import Measurement, interleave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED, ITEMS, NEIGHBORS, ROUNDS = 7, 3_000, 50, 3
NOW = 1_700_000_000_000_000


class SimilarPair(models.Model):
    """One neighbor of one item."""

    item_id = models.BigIntegerField(db_index=True)
    neighbor_id = models.BigIntegerField()
    rank = models.SmallIntegerField()
    score = models.FloatField()

    class Meta:
        app_label = "publish_benchmark"

    def __str__(self) -> str:
        return f"{self.item_id} → {self.neighbor_id}"


def measure() -> Measurement:
    call_command("migrate", verbosity=0)
    neighbors = table()
    with pair_table():
        sides = interleave(
            partial(measured, publish_packed, neighbors),
            partial(measured, publish_pairs, neighbors),
            rounds=ROUNDS,
        )
    forget_builds()
    return Measurement(
        *sides,
        unit="s wall",
        workload=(
            f"{ITEMS} items × {NEIGHBORS} neighbors, uniform, seed {SEED}, on {connection.vendor}; "
            f"write and make live; medians of {ROUNDS}"
        ),
    )


def table() -> SparseRows:
    """Every item with NEIGHBORS distinct others, scores descending."""
    generator = np.random.default_rng(SEED)
    chosen = [generator.choice(ITEMS, NEIGHBORS, replace=False) for _ in range(ITEMS)]
    scores = -np.sort(-generator.random((ITEMS, NEIGHBORS)), axis=1)
    return SparseRows(
        indptr=np.arange(ITEMS + 1, dtype=np.int64) * NEIGHBORS,
        indices=np.concatenate(chosen).astype(np.int32),
        values=scores.ravel().astype(np.float32),
    )


def publish_packed(neighbors: SparseRows) -> None:
    build = create_build(NewBuild(alias="publish-benchmark", as_of=NOW, items=ITEMS), now=NOW)
    write_tables(build, Tables(neighbors=neighbors), np.arange(ITEMS, dtype=np.int32))
    publish_build(build, now=NOW)


def publish_pairs(neighbors: SparseRows) -> None:
    items = np.repeat(np.arange(ITEMS), NEIGHBORS).tolist()
    ranks = np.tile(np.arange(NEIGHBORS), ITEMS).tolist()
    columns = zip(items, neighbors.indices.tolist(), ranks, neighbors.values.tolist(), strict=True)
    pairs = [
        SimilarPair(item_id=item, neighbor_id=neighbor, rank=rank, score=score)
        for item, neighbor, rank, score in columns
    ]
    with transaction.atomic():
        SimilarPair.objects.bulk_create(pairs, batch_size=1000)


def measured(publish: Callable[[SparseRows], None], neighbors: SparseRows) -> float:
    """Seconds of one publication; the rows of the one before are gone already."""
    SimilarPair.objects.all().delete()
    start = time.perf_counter()
    publish(neighbors)
    return time.perf_counter() - start


@contextmanager
def pair_table() -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(SimilarPair)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(SimilarPair)


def forget_builds() -> None:
    mine = Build.objects.filter(alias="publish-benchmark")
    LiveBuild.objects.filter(build__in=mine).delete()
    BuildRow.objects.filter(build__in=mine).delete()
    mine.delete()
