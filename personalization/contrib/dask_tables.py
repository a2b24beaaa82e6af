"""Item tables worked out by a cluster (extra ``[dask]``): each worker gets the pairs and some of the targets.

The workers run the local kernel on their targets, so the table is the local one, to the last bit, where they have the
same versions of numpy and scipy.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.contrib.extras import check_extra
from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.hyperparameters import check_whole
from personalization.engine.recommenders.item_knn import ItemKNN
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.tables import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from personalization.engine.kernels.top_rows import Part

#: Parts for each thread of the cluster: more level the load, each transposes the pairs once more.
_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class DistributedItemKNN(ItemKNN):
    """`ItemKNN`, whose table the workers of a Dask cluster make.

    Parameters
    ----------
    scheduler        : its address, "tcp://scheduler:8786"; "": what Dask is configured with
                       (``DASK_SCHEDULER_ADDRESS``), as are TLS and time limits
    timeout_seconds  : how long an answer of the scheduler is waited for, ≥ 1
    memory_budget_mb : of each part that is being worked on, as in `ItemKNN`; here, of nothing

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it naming ``scheduler`` when nobody answers there or has no
    workers, and naming ``recommender`` without Dask.
    """

    scheduler: str = ""
    timeout_seconds: int = 10

    def __post_init__(self) -> None:
        ItemKNN.__post_init__(self)
        _check_place(self.scheduler, self.timeout_seconds)

    def compare(self, pairs: csr_array[np.float64], part: Part | None = None) -> SparseRows:
        check_extra("distributed", "dask")
        local = ItemKNN(**{field.name: getattr(self, field.name) for field in fields(ItemKNN)})
        if part is not None:
            return local.compare(pairs, part)
        with _connected(self.scheduler, self.timeout_seconds) as client:
            threads = sum(client.nthreads().values())
            if not threads:
                raise InvalidInputError("scheduler", "the cluster has no workers")
            sent = client.scatter(pairs, broadcast=True)
            parts = _parts(pairs, _PARTS * threads)
            return _joined(client.gather(client.map(_work, parts, pairs=sent, local=local, pure=False)))


@dataclass(frozen=True, slots=True)
class DistributedRecencyBlend(RecencyBlend):
    """`RecencyBlend` of a `DistributedItemKNN`; scheduler and timeout_seconds as there."""

    scheduler: str = ""
    timeout_seconds: int = 10

    def _personal(self) -> DistributedItemKNN:
        return DistributedItemKNN(
            neighbors=self.neighbors,
            damping=self.damping,
            decay_days=self.decay_days,
            memory_budget_mb=self.memory_budget_mb,
            scheduler=self.scheduler,
            timeout_seconds=self.timeout_seconds,
        )


def _check_place(scheduler: Any, timeout_seconds: Any) -> None:
    if not isinstance(scheduler, str):
        raise InvalidInputError("scheduler", f"expected an address, got {scheduler!r}")
    check_whole("timeout_seconds", timeout_seconds, minimum=1)


def _connected(scheduler: str, timeout_seconds: int) -> Any:
    """A client of the cluster; it never starts one of its own."""
    address = scheduler or import_module("dask").config.get("scheduler-address", None)
    if not address:
        raise InvalidInputError("scheduler", "there is none, and DASK_SCHEDULER_ADDRESS is not set")
    try:
        return import_module("distributed").Client(address, timeout=timeout_seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InvalidInputError("scheduler", f"{address} does not answer: {error}") from error


def _parts(pairs: csr_array[np.float64], count: int) -> list[Part]:
    """Consecutive ranges of targets of about equal work: ``Σ_{u has t} n_u`` products each."""
    sizes = np.diff(pairs.indptr)
    work = np.cumsum(np.bincount(pairs.indices, np.repeat(sizes, sizes), minlength=pairs.shape[1]))
    total = work[-1] if len(work) else 0
    ends = np.searchsorted(work, total * np.arange(1, count) / count, side="left") + 1
    edges: NDArray[np.int64] = np.unique(np.concatenate(([0], np.minimum(ends, len(work)), [len(work)])))
    return [(int(first), int(end)) for first, end in pairwise(edges)]


def _work(part: Part, *, pairs: csr_array[np.float64], local: ItemKNN) -> SparseRows:
    """What a worker does."""
    return local.compare(pairs, part)


def _joined(tables: list[SparseRows]) -> SparseRows:
    starts = np.cumsum([0, *(int(table.indptr[-1]) for table in tables)])
    moved = [table.indptr[:-1] + start for table, start in zip(tables, starts[:-1], strict=True)]
    return SparseRows(
        np.concatenate([*moved, starts[-1:]]).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *(table.indices for table in tables)]),
        np.concatenate([np.empty(0, np.float32), *(table.values for table in tables)]),
    )
