"""A real cluster of two worker processes makes the table of one process, to the last bit."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from personalization.contrib.dask_tables import DistributedItemKNN, DistributedRecencyBlend, _parts
from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.testing import assert_same_tables, checkerboard, make_interactions
from tests.contrib.wanted import wanted

if not wanted("distributed", "dask"):
    pytest.skip("needs the extra [dask]", allow_module_level=True)

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as started:
        yield started


def busy() -> Interactions:
    rng = np.random.default_rng(1)
    n = 6_000
    return Interactions(
        visitors=(rng.integers(0, 300, n) * rng.random(n)).astype(np.int32),
        items=(rng.integers(0, 200, n) * rng.random(n)).astype(np.int32),
        weights=rng.integers(1, 5, n).astype(np.float32),
        n_visitors=301,
        n_items=203,
        times=rng.integers(0, 300, n) * DAY,
    )


@pytest.mark.parametrize(
    "options",
    [
        {"damping": 0.25, "decay_days": 120.0},
        {"shrinkage": 3.0, "weighting": "tf-idf"},
        {"similarity": "dot", "weighting": "bm25", "binary": False},
        {"similarity": "log-likelihood"},
        {"similarity": "pearson", "binary": False},
    ],
    ids=lambda options: options.get("similarity", "cosine"),
)
def test_the_cluster_makes_the_table_of_one_process(cluster, options) -> None:
    told = busy()
    found = DistributedItemKNN(neighbors=20, scheduler=cluster.scheduler_address, **options).fit(told)
    assert_same_tables(found.tables(), ItemKNN(neighbors=20, **options).fit(told).tables())
    assert len(found.tables().neighbors.values) > 1_000


def test_both_workers_take_part(cluster) -> None:
    from distributed import Client

    with Client(cluster.scheduler_address, set_as_default=False) as client:
        before = client.run(lambda dask_worker: dask_worker.state.executed_count)
        DistributedItemKNN(scheduler=cluster.scheduler_address).fit(busy())
        after = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert len(before) == 2
    assert all(after[worker] > before[worker] for worker in before)


def test_the_recommended_choice_is_the_same(cluster) -> None:
    found = DistributedRecencyBlend(scheduler=cluster.scheduler_address).fit(busy())
    assert_same_tables(found.tables(), RecencyBlend().fit(busy()).tables())


def test_the_address_may_come_from_dasks_own_configuration(cluster) -> None:
    import dask

    with dask.config.set({"scheduler-address": cluster.scheduler_address}):
        found = DistributedItemKNN().fit(checkerboard())
    assert_same_tables(found.tables(), ItemKNN().fit(checkerboard()).tables())


def test_nothing_to_learn_from_is_learned(cluster) -> None:
    none = make_interactions([], n_visitors=2, n_items=3)
    tables = DistributedItemKNN(scheduler=cluster.scheduler_address).fit(none).tables()
    assert_same_tables(tables, ItemKNN().fit(none).tables())


def test_a_budget_that_is_too_small_for_a_worker_is_refused(cluster) -> None:
    small = DistributedItemKNN(scheduler=cluster.scheduler_address, memory_budget_mb=0.01)
    with pytest.raises(InvalidInputError) as caught:
        small.fit(busy())
    assert caught.value.field == "memory_budget_mb"


def test_no_scheduler_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match="DASK_SCHEDULER_ADDRESS") as caught:
        DistributedItemKNN().fit(checkerboard())
    assert caught.value.field == "scheduler"


def test_a_scheduler_that_does_not_answer_is_refused_by_name() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(InvalidInputError, match="does not answer") as caught:
        DistributedItemKNN(scheduler=nobody, timeout_seconds=1).fit(checkerboard())
    assert caught.value.field == "scheduler"


@pytest.mark.parametrize("made", [DistributedItemKNN, DistributedRecencyBlend])
@pytest.mark.parametrize(("option", "value"), [("scheduler", 8786), ("timeout_seconds", 0), ("neighbors", 0)])
def test_options_that_are_wrong_are_refused_by_name(made, option, value) -> None:
    with pytest.raises(InvalidInputError) as caught:
        made(**{option: value})
    assert caught.value.field == option


def test_parts_cover_all_targets_once_and_share_the_work() -> None:
    pairs = pair_matrix(busy())
    parts = _parts(pairs, 5)
    assert [part[0] for part in parts] == [0, *(part[1] for part in parts[:-1])]
    assert parts[-1][1] == pairs.shape[1]
    sizes = np.diff(pairs.indptr)
    work = np.bincount(pairs.indices, np.repeat(sizes, sizes), minlength=pairs.shape[1])
    shares = [work[slice(*part)].sum() / work.sum() for part in parts]
    assert max(shares) < 0.3
