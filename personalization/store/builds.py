"""Versioned builds, and the pointer that makes one of them live.

Rows of a build never change once they are written; publishing and rolling back move one pointer row. So a reader
sees one whole build or another whole build, never a mixture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import IntegrityError, router, transaction
from django.db.models import ProtectedError

from personalization.engine.tables import pack_row, pack_rows
from personalization.exceptions import PersonalizationError
from personalization.models import Build, BuildRow, LiveBuild, VisitorRow
from personalization.signals import build_published
from personalization.store.bulk import insert_rows
from personalization.store.runs import Lease, confirm_lease, one_line
from personalization.store.transaction import in_transaction
from personalization.store.visitor_rows import write_visitor_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from personalization.engine.tables import Ranking, SparseRows, Tables

#: The build before the live one always stays: a reader may have just read the pointer to it.
FEWEST_KEPT: Final = 2

_COLUMNS: Final = ("build_id", "table", "row", "payload")


class NotReadyError(PersonalizationError):
    """The build was never finished, or is no longer there, so it cannot be served."""


@dataclass(frozen=True, slots=True)
class NewBuild:
    """What is known of a build before its tables are written. Instants in UTC microseconds."""

    alias: str
    as_of: int
    tenant: str = ""
    run: int | None = None
    recommender: Mapping[str, Any] = field(default_factory=dict)
    prior_share: float = 0.0
    items: int = 0
    visitors: int = 0
    interactions: int = 0


@dataclass(frozen=True, slots=True)
class BuildCost:
    """What a build took, and how good it is."""

    seconds: float = 0.0
    peak_rss_mb: float = 0.0
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """What a build was learned from, as far as it takes to see later what has changed.

    learned : `engine.digest.digest_of` all
    columns : uint64 (n_items,), equal where an item's column is; None where tables cannot be updated by them
    """

    learned: bytes
    columns: NDArray[np.uint64] | None = None


def create_build(new: NewBuild, *, now: int) -> int:
    """The id of a build that nobody serves yet."""
    build = Build.objects.create(
        tenant=new.tenant,
        alias=new.alias,
        run_id=new.run,
        recommender=dict(new.recommender),
        prior_share=new.prior_share,
        as_of=new.as_of,
        created_at=now,
        items=new.items,
        visitors=new.visitors,
        interactions=new.interactions,
    )
    return build.pk


def write_tables(
    build_id: int,
    tables: Tables,
    item_ids: NDArray[np.int32],
    *,
    visitor_ids: NDArray[np.int64] | None = None,
    prints: Prints | None = None,
) -> int:
    """Store a build's packed rows; ``item_ids`` int32 (n_items,) says which item each item row is, ``visitor_ids``
    int64 (n_visitors,) who each visitor row is. Without them nothing is stored for single visitors.

    Returns the bytes of the payloads. Raises CorruptTableError when a value is not finite.
    """
    size = write_rows(build_id, _packed(tables), item_ids, prints=prints)
    visitors, more = (0, 0) if visitor_ids is None else write_visitor_rows(build_id, tables, visitor_ids)
    Build.objects.filter(pk=build_id).update(
        bytes=size + more, visitor_rows=visitors, visitor_bytes=more, prior_share=tables.prior_share
    )
    return size + more


def write_rows(
    build_id: int,
    rows: Iterable[tuple[int, int, bytes]],
    item_ids: NDArray[np.int32],
    *,
    prints: Prints | None = None,
) -> int:
    """The same for rows (table, row, payload) that are packed already."""
    size = 0

    def measured() -> Iterator[tuple[int, int, int, bytes]]:
        nonlocal size
        for table, row, payload in chain(_heads(item_ids, prints), rows):
            size += len(payload)
            yield build_id, table, row, payload

    insert_rows(BuildRow, _COLUMNS, measured())
    Build.objects.filter(pk=build_id).update(bytes=size)
    return size


def _heads(item_ids: NDArray[np.int32], prints: Prints | None) -> Iterator[tuple[int, int, bytes]]:
    table = BuildRow.Table
    yield table.VOCABULARY.value, 0, item_ids.astype("<i4").tobytes()
    if prints is not None:
        yield table.PRINTS.value, 0, prints.learned
        if prints.columns is not None:
            yield table.PRINTS.value, 1, prints.columns.astype("<u8").tobytes()


def _packed(tables: Tables) -> Iterator[tuple[int, int, bytes]]:
    table = BuildRow.Table
    yield from _ranking_row(tables.ranking)
    yield from _table_rows(table.NEIGHBORS, tables.neighbors)
    yield from _table_rows(table.WEIGHTS, tables.weights)


def _ranking_row(ranking: Ranking | None) -> Iterator[tuple[int, int, bytes]]:
    if ranking is not None:
        yield BuildRow.Table.RANKING.value, 0, pack_row(ranking.items, ranking.scores)


def _table_rows(table: BuildRow.Table, rows: SparseRows | None) -> Iterator[tuple[int, int, bytes]]:
    if rows is not None:
        number = table.value
        yield from ((number, row, payload) for row, payload in pack_rows(rows))


def publish_build(
    build_id: int, *, now: int, lease: Lease | None = None, cost: BuildCost | None = None
) -> None:
    """Make a build the one that is served.

    With a ``lease``, it happens only while the run is still that worker's own; LostLeaseError otherwise.
    """
    cost = cost or BuildCost()

    def switch() -> Build:
        if lease is not None:
            confirm_lease(lease, now=now)
        build = Build.objects.get(pk=build_id)
        Build.objects.filter(pk=build_id).update(
            state=Build.State.READY,
            published_at=now,
            seconds=cost.seconds,
            peak_rss_mb=cost.peak_rss_mb,
            metrics=dict(cost.metrics),
        )
        _point(build, now=now)
        return build

    _announce(in_transaction(switch, using=_database()))


def fail_build(build_id: int, *, error: str) -> None:
    """Remember that a build came to nothing, without its rows."""
    _remove_rows(build_id)
    Build.objects.filter(pk=build_id).update(
        state=Build.State.FAILED, bytes=0, visitor_rows=0, visitor_bytes=0, metrics={"error": one_line(error)}
    )


def serve_build(build_id: int, *, now: int) -> None:
    """Serve a build that was published before, an older or a newer one. Raises NotReadyError."""
    build = Build.objects.filter(pk=build_id, state=Build.State.READY).first()
    if build is None:
        raise NotReadyError(f"build #{build_id} is not ready")
    with transaction.atomic(using=_database()):
        _point(build, now=now)
    _announce(build)


def live_builds(tenant: str) -> dict[str, int]:
    """Alias → the build that is served."""
    return dict(LiveBuild.objects.filter(tenant=tenant).values_list("alias", "build_id"))


def drop_old_builds(*, tenant: str, keep: int) -> int:
    """Remove builds that nobody needs: all but the live one and the ``keep`` newest ready ones of each alias.

    Failed and unfinished ones go once a newer build of the alias is ready. Returns how many were removed.
    """
    doomed = _doomed(tenant, max(keep, FEWEST_KEPT))
    return sum(_drop(build_id) for build_id in doomed)


def _doomed(tenant: str, keep: int) -> list[int]:
    live = set(live_builds(tenant).values())
    newest: dict[str, list[int]] = {}
    doomed = []
    builds = Build.objects.filter(tenant=tenant).order_by("-pk").values_list("pk", "alias", "state")
    for build_id, alias, state in builds:
        ready = newest.setdefault(alias, [])
        if state == Build.State.READY and len(ready) < keep:
            ready.append(build_id)
        elif ready and build_id not in live:
            doomed.append(build_id)
    return doomed


def _drop(build_id: int) -> int:
    try:
        with transaction.atomic(using=_database()):
            _remove_rows(build_id)
            Build.objects.filter(pk=build_id).delete()
    except (ProtectedError, IntegrityError):
        return 0  # somebody rolled back to it a moment ago
    return 1


def _remove_rows(build_id: int) -> None:
    for model in (BuildRow, VisitorRow):
        model.objects.filter(build_id=build_id).delete()


def _point(build: Build, *, now: int) -> None:
    pointer = LiveBuild.objects.filter(tenant=build.tenant, alias=build.alias)
    switch = {"build_id": build.pk, "switched_at": now}
    if pointer.update(**switch):
        return
    try:
        with transaction.atomic(using=_database()):
            LiveBuild.objects.create(tenant=build.tenant, alias=build.alias, **switch)
    except IntegrityError:
        pointer.update(**switch)


def _announce(build: Build) -> None:
    send = partial(
        build_published.send_robust, sender=Build, tenant=build.tenant, alias=build.alias, build=build.pk
    )
    transaction.on_commit(send, using=_database(), robust=True)


def _database() -> str:
    return router.db_for_write(Build)
