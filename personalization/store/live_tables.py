"""The live builds as a process serves them: mapped from local files, in memory, or row by row."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from django.core.signals import setting_changed
from django.db import connections, router

from personalization.conf import settings
from personalization.engine.ids import digest
from personalization.engine.ranking import Contributions, Scratch, gather
from personalization.engine.tables import CorruptTableError, Ranking, SparseRows, unpack_row
from personalization.models import Build, BuildRow
from personalization.store.items import item_keys
from personalization.store.mapped import (
    UnusableFilesError,
    drop_older,
    exclusive,
    map_arrays,
    write_arrays,
)
from personalization.store.vocabulary import ARRAYS, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from personalization.store.page import BuildKey

logger = logging.getLogger(__name__)

#: A build larger than this stays in the database where local files are off or cannot be written.
MEMORY_LIMIT: Final = 64 << 20
#: How many rows of a table are read at once while a build is loaded.
_CHUNK: Final = 5000
#: How many builds of one recommender stay on disk: the live one and the one before it.
_KEPT: Final = 2


@dataclass(frozen=True, slots=True)
class StoredRows:
    """A table that stays in the database; every request reads the rows it needs."""

    build: int
    table: int

    def gather(self, rows: NDArray[np.int32]) -> Contributions:
        """The entries of some rows, as `engine.ranking.gather` gives them, by one statement."""
        payloads = dict(self._payloads(rows.tolist()))
        empty = np.empty(0, np.int32), np.empty(0, np.float32)
        found = (payloads.get(row) for row in rows.tolist())
        return Contributions.of_rows([unpack_row(bytes(payload)) if payload else empty for payload in found])

    def _payloads(self, rows: list[int]) -> list[tuple[int, bytes]]:
        connection = connections[router.db_for_read(BuildRow)]
        table, row = map(connection.ops.quote_name, ("table", "row"))
        places = ", ".join(["%s"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {row}, payload FROM {BuildRow._meta.db_table}"
                f" WHERE build_id = %s AND {table} = %s AND {row} IN ({places})",
                [self.build, self.table, *rows],
            )
            return list(cursor.fetchall())


@dataclass(frozen=True, slots=True, eq=False)
class LiveTables:
    """One live build. ``prior``: the ranking's scores as float32 (n_items,) by item row."""

    key: BuildKey
    vocabulary: Vocabulary
    ranking: Ranking | None = None
    prior: NDArray[np.float32] | None = None
    prior_share: float = 0.0
    neighbors: SparseRows | StoredRows | None = None
    weights: SparseRows | StoredRows | None = None
    _scratches: list[Scratch] = field(default_factory=list)

    def said_by(self, rows: NDArray[np.int32]) -> Contributions:
        """What history items say of others, through the table of weights."""
        return _gather(self.weights, rows)

    def near(self, rows: NDArray[np.int32]) -> Contributions:
        """The neighbors of seed items."""
        return _gather(self.neighbors, rows)

    def neighbors_of(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """(columns, values) of one seed item, most similar first."""
        if isinstance(self.neighbors, SparseRows):
            return self.neighbors.row(row)
        near = self.near(np.array([row], np.int32))
        return near.columns, near.values

    def take_scratch(self) -> Scratch:
        """Buffers for one request; give them back with `return_scratch`, unless it failed."""
        try:
            return self._scratches.pop()
        except IndexError:
            return Scratch(len(self.vocabulary))

    def return_scratch(self, scratch: Scratch) -> None:
        self._scratches.append(scratch)


_live: dict[tuple[str, str], LiveTables] = {}
_broken: set[tuple[str, str, BuildKey]] = set()
_loading = Lock()


def find_tables(alias: str, key: BuildKey | None, *, tenant: str) -> LiveTables | None:
    """The tables of the build that is live, or of the one before it while another thread or process loads it.

    A build that cannot be read is logged once and passed over.
    """
    held = _live.get((tenant, alias))
    if key is None or (held is not None and held.key == key):
        return held if key else None
    if (tenant, alias, key) in _broken or not _loading.acquire(blocking=held is None):
        return held
    try:
        return _replace(alias, key, tenant)
    finally:
        _loading.release()


def forget_tables() -> None:
    """Drop every build that this process holds."""
    _live.clear()
    _broken.clear()


def _replace(alias: str, key: BuildKey, tenant: str) -> LiveTables | None:
    held = _live.get((tenant, alias))
    if held is not None and held.key == key:
        return held
    try:
        loaded = _load(alias, key, tenant, wait=held is None)
    except CorruptTableError:
        logger.exception("build %s of %s cannot be served", key.id, alias)
        _broken.add((tenant, alias, key))
        loaded = None
    if loaded is not None:
        _live[tenant, alias] = loaded
    return loaded or held


def _load(alias: str, key: BuildKey, tenant: str, *, wait: bool) -> LiveTables | None:
    """The build from local files, which are written first where they are missing; else from the database.

    None when another process is writing the files and there is no need to wait.
    """
    if not settings.MAP_BUILDS:
        return _read(key, tenant, bounded=True)
    prefix = digest(tenant, alias).hex()[:12]
    folder = settings.map_dir / f"{prefix}-{key.id}-{key.created_at}"
    try:
        return _mapped(key, *map_arrays(folder))
    except UnusableFilesError as error:
        logger.info("%s", error)
    try:
        with exclusive(folder.with_name(f"{prefix}.lock"), wait=wait) as held:
            return _map_new(key, tenant, folder) if held else None
    except OSError as error:
        logger.warning("%s cannot hold local copies of builds: %s", folder.parent, error)
        return _read(key, tenant, bounded=True)


def _map_new(key: BuildKey, tenant: str, folder: Path) -> LiveTables:
    try:
        return _mapped(key, *map_arrays(folder))  # somebody wrote it while we waited
    except UnusableFilesError:
        loaded = _read(key, tenant, bounded=False)
    write_arrays(folder, _arrays(loaded), {"prior_share": loaded.prior_share})
    drop_older(folder.parent, prefix=folder.name.split("-")[0], keep=_KEPT)
    try:
        return _mapped(key, *map_arrays(folder))
    except UnusableFilesError:  # a disk that does not keep what was written
        logger.exception("build %s stays in memory", key.id)
        return loaded


def _arrays(tables: LiveTables) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {
        f"vocabulary.{name}": getattr(tables.vocabulary, name) for name in ARRAYS
    }
    if tables.ranking is not None:
        arrays |= {"ranking.items": tables.ranking.items, "ranking.scores": tables.ranking.scores}
    for name in ("neighbors", "weights"):
        table = getattr(tables, name)
        if table is not None:
            arrays |= {f"{name}.{part}": getattr(table, part) for part in SparseRows.__slots__}
    return arrays


def _mapped(key: BuildKey, arrays: dict[str, NDArray[np.generic]], facts: dict[str, object]) -> LiveTables:
    """From mapped arrays. Their checksums held, so they are what `_arrays` gave."""
    parts: dict[str, dict[str, NDArray[np.generic]]] = {}
    for name, array in arrays.items():
        whole, _, part = name.partition(".")
        parts.setdefault(whole, {})[part] = array
    return _tables(
        key,
        Vocabulary(**parts["vocabulary"]),  # type: ignore[arg-type]
        ranking=Ranking(**parts["ranking"]) if "ranking" in parts else None,  # type: ignore[arg-type]
        neighbors=SparseRows(**parts["neighbors"]) if "neighbors" in parts else None,  # type: ignore[arg-type]
        weights=SparseRows(**parts["weights"]) if "weights" in parts else None,  # type: ignore[arg-type]
        prior_share=float(str(facts["prior_share"])),
    )


def _read(key: BuildKey, tenant: str, *, bounded: bool) -> LiveTables:
    """From the database rows, which are the truth. ``bounded``: a large build leaves its item rows there."""
    columns = ("bytes", "visitor_bytes", "prior_share")
    facts = Build.objects.filter(pk=key.id).values_list(*columns).first()
    heads = _heads(key.id)
    packed_ids = heads.get(BuildRow.Table.VOCABULARY)
    if facts is None or packed_ids is None or len(packed_ids) % 4:
        raise CorruptTableError(f"build {key.id} has no whole vocabulary")
    ids = np.frombuffer(packed_ids, "<i4").astype(np.int32)
    vocabulary = Vocabulary.of(ids, item_keys(ids.tolist(), tenant=tenant))
    packed = heads.get(BuildRow.Table.RANKING)
    ranking = Ranking(*_checked(*unpack_row(packed), len(ids))) if packed else None
    stay = bounded and facts[0] - facts[1] > MEMORY_LIMIT
    tables = [
        StoredRows(key.id, table) if stay else _sparse_rows(key.id, table, len(ids))
        for table in (BuildRow.Table.NEIGHBORS, BuildRow.Table.WEIGHTS)
    ]
    return _tables(
        key, vocabulary, ranking=ranking, neighbors=tables[0], weights=tables[1], prior_share=facts[2]
    )


def _tables(
    key: BuildKey,
    vocabulary: Vocabulary,
    *,
    ranking: Ranking | None,
    neighbors: SparseRows | StoredRows | None,
    weights: SparseRows | StoredRows | None,
    prior_share: float,
) -> LiveTables:
    prior = None
    if ranking is not None:
        prior = np.zeros(len(vocabulary), np.float32)
        prior[ranking.items] = ranking.scores
    return LiveTables(key, vocabulary, ranking, prior, prior_share, neighbors, weights)


def _heads(build: int) -> dict[int, bytes]:
    tables = [BuildRow.Table.VOCABULARY, BuildRow.Table.RANKING]
    rows = BuildRow.objects.filter(build_id=build, table__in=tables, row=0)
    return {table: bytes(payload) for table, payload in rows.values_list("table", "payload")}


def _sparse_rows(build: int, table: int, n_items: int) -> SparseRows | None:
    """A whole table; None when the build has none."""
    counts = np.zeros(n_items + 1, np.int64)
    columns, values = [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    for chunk in _chunks(build, table, n_items):
        rows = [_checked(*unpack_row(bytes(payload)), n_items) for _, payload in chunk]
        counts[[row + 1 for row, _ in chunk]] = [len(row) for row, _ in rows]
        columns.append(np.concatenate([row for row, _ in rows]))
        values.append(np.concatenate([row for _, row in rows]))
    if not counts.any():
        return None
    return SparseRows(np.cumsum(counts), np.concatenate(columns), np.concatenate(values))


def _chunks(build: int, table: int, n_items: int) -> Iterator[list[tuple[int, bytes | memoryview]]]:
    rows = BuildRow.objects.filter(build_id=build, table=table).order_by("row").values_list("row", "payload")
    for start in range(0, n_items, _CHUNK):
        if chunk := list(rows.filter(row__gte=start, row__lt=start + _CHUNK)):
            yield chunk


def _checked(
    columns: NDArray[np.int32], values: NDArray[np.float32], n_items: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    if len(columns) and not 0 <= columns.min() <= columns.max() < n_items:
        raise CorruptTableError("a packed row names an item outside the vocabulary")
    return columns, values


def _gather(table: SparseRows | StoredRows | None, rows: NDArray[np.int32]) -> Contributions:
    if table is None or not len(rows):
        return Contributions.of_rows([])
    return table.gather(rows) if isinstance(table, StoredRows) else gather(table, rows)


def _forget_on_change(*, setting: str, **kwargs: object) -> None:
    if setting in {"PERSONALIZATION", "SECRET_KEY"}:
        forget_tables()


setting_changed.connect(_forget_on_change, dispatch_uid="personalization.live_tables")
