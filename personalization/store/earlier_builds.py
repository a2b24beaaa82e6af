"""Builds that were published before: what they were learned from, and their rows, which may be written again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.kernels.item_update import EarlierRows
from personalization.engine.tables import moved_row, pack_rows, row_columns
from personalization.models import Build, BuildRow, LiveBuild
from personalization.store.builds import Prints, write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from personalization.engine.kernels.item_update import UpdatedRows
    from personalization.engine.tables import SparseRows

_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class EarlierBuild:
    """A ready build.

    item_ids : int32 (n,) item id of each of its item rows
    lasts    : whether time alone changes nothing in it; lists of visitors who stay away go
    """

    id: int
    metrics: Mapping[str, Any]
    prints: Prints
    item_ids: NDArray[np.int32]
    lasts: bool

    def places(self, item_ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Which row of another vocabulary each item row is: int32 (n,), -1: none."""
        order = np.argsort(item_ids, kind="stable")
        at = np.minimum(np.searchsorted(item_ids[order], self.item_ids), max(len(order) - 1, 0))
        found = item_ids[order][at] == self.item_ids
        return np.where(found, order[at], -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class FinishedBuild:
    """What is known of a build that was published."""

    id: int
    items: int
    visitors: int
    bytes: int
    visitor_bytes: int
    seconds: float
    peak_rss_mb: float
    metrics: Mapping[str, Any]


def find_live(alias: str, *, tenant: str, recommender: Mapping[str, Any]) -> EarlierBuild | None:
    """The live build of an alias, if the same recommender made it and its prints are known."""
    build = Build.objects.filter(live__in=LiveBuild.objects.filter(tenant=tenant, alias=alias)).first()
    if build is None or build.recommender != dict(recommender):
        return None
    heads = {
        (table, row): bytes(payload)
        for table, row, payload in BuildRow.objects.filter(
            build_id=build.pk, table__in=(BuildRow.Table.VOCABULARY, BuildRow.Table.PRINTS)
        ).values_list("table", "row", "payload")
    }
    learned = heads.get((BuildRow.Table.PRINTS, 0))
    if learned is None:
        return None
    packed = heads.get((BuildRow.Table.PRINTS, 1))
    columns = None if packed is None else np.frombuffer(packed, "<u8").astype(np.uint64)
    item_ids = np.frombuffer(heads[BuildRow.Table.VOCABULARY, 0], "<i4").astype(np.int32)
    lasts = not build.visitor_rows
    return EarlierBuild(build.pk, build.metrics, Prints(learned, columns), item_ids, lasts)


def find_finished(run: int, alias: str, *, recommender: Mapping[str, Any]) -> FinishedBuild | None:
    """What this run has published of an alias by the same recommender, before its worker stopped."""
    build = Build.objects.filter(run_id=run, alias=alias, state=Build.State.READY).order_by("-pk").first()
    return _finished(build) if build is not None and build.recommender == dict(recommender) else None


def find_build(build_id: int) -> FinishedBuild:
    """What is known of a ready build."""
    return _finished(Build.objects.get(pk=build_id, state=Build.State.READY))


def _finished(build: Build) -> FinishedBuild:
    return FinishedBuild(
        id=build.pk,
        items=build.items,
        visitors=build.visitors,
        bytes=build.bytes,
        visitor_bytes=build.visitor_bytes,
        seconds=build.seconds,
        peak_rss_mb=build.peak_rss_mb,
        metrics=build.metrics,
    )


def read_neighbors(earlier: EarlierBuild, places: NDArray[np.int32], n_items: int) -> EarlierRows:
    """Its table of neighbors in the rows that ``places`` names."""
    rows: dict[int, NDArray[np.int32]] = {}
    dropped = [np.empty(0, np.int32)]
    for row, payload in _payloads(earlier, BuildRow.Table.NEIGHBORS):
        columns = places[row_columns(payload)]
        if places[row] < 0:
            dropped.append(columns[columns >= 0])
        else:
            rows[int(places[row])] = columns
    sizes = np.zeros(n_items + 1, np.int64)
    for row, columns in rows.items():
        sizes[row + 1] = len(columns)
    parts = [rows[row] for row in sorted(rows)]
    return EarlierRows(
        np.cumsum(sizes), np.concatenate([np.empty(0, np.int32), *parts]), np.concatenate(dropped)
    )


def write_updated(
    build_id: int, earlier: EarlierBuild, updated: UpdatedRows, item_ids: NDArray[np.int32], prints: Prints
) -> int:
    """Store a build: the rows that changed, and for the rest those of an earlier one. Returns the bytes."""
    places = earlier.places(item_ids)
    table = BuildRow.Table

    def rows() -> Iterator[tuple[int, int, bytes]]:
        yield from _changed(table.NEIGHBORS, updated.neighbor_rows, updated.neighbors)
        yield from _changed(table.WEIGHTS, updated.weight_rows, updated.weights)
        yield from _unchanged(earlier, table.NEIGHBORS, set(updated.neighbor_rows.tolist()), places)
        yield from _unchanged(earlier, table.WEIGHTS, set(updated.weight_rows.tolist()), places)

    return write_rows(build_id, rows(), item_ids, prints=prints)


def _changed(
    table: BuildRow.Table, names: NDArray[np.int64], rows: SparseRows
) -> Iterator[tuple[int, int, bytes]]:
    yield from ((table.value, int(names[row]), payload) for row, payload in pack_rows(rows))


def _unchanged(
    earlier: EarlierBuild, table: BuildRow.Table, changed: set[int], places: NDArray[np.int32]
) -> Iterator[tuple[int, int, bytes]]:
    for row, payload in _payloads(earlier, table):
        place = int(places[row])
        if place >= 0 and place not in changed:
            yield table.value, place, moved_row(payload, places)


def _payloads(earlier: EarlierBuild, table: BuildRow.Table) -> Iterator[tuple[int, bytes]]:
    rows = BuildRow.objects.filter(build_id=earlier.id, table=table).order_by("row")
    for start in range(0, len(earlier.item_ids), _CHUNK):
        chunk = rows.filter(row__gte=start, row__lt=start + _CHUNK).values_list("row", "payload")
        yield from ((row, bytes(payload)) for row, payload in list(chunk))
