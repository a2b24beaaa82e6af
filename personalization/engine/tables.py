"""Learned tables: the contract between whoever learns and whoever serves. numpy only.

A table maps a row (an item, or a visitor) to its few best columns. It is packed one row at a time, so that a
request reads just the rows it needs, and a row costs 6 bytes a column: an int32 id and a float16 value that is
multiplied by the row's float32 scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.errors import PersonalizationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FORMAT_VERSION = 1
_DTYPE_I4_F2 = 1
_HEADER = struct.Struct("<BBHIf")  # version, dtype, reserved, k, scale


class CorruptTableError(PersonalizationError):
    """A stored table is damaged or was written by a newer version."""


@dataclass(frozen=True, slots=True, eq=False)
class SparseRows:
    """Rows of (column, value), largest value first.

    indptr  : int64 (rows + 1,)  row r is ``indices[indptr[r]:indptr[r + 1]]``
    indices : int32 (nnz,)  column of each entry
    values  : float32 (nnz,)  finite
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if not np.isfinite(self.values).all():
            raise CorruptTableError("a table may hold finite values only")

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """(columns int32 (k,), values float32 (k,)) of one row."""
        part = slice(self.indptr[row], self.indptr[row + 1])
        return self.indices[part], self.values[part]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """One list for everybody: items int32 (n,), best first, with scores float32 (n,) in 0 … 1."""

    items: NDArray[np.int32]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All that a fitted recommender publishes. Columns are item rows of the build's vocabulary.

    neighbors   : per seed item, the most similar items ("similar items")
    weights     : per source item, the targets that it speaks for, truncated per *target*, or pooled ("for you")
    ranking     : the same for everybody, or the prior that is added to personal scores
    visitors    : per visitor row of the training interactions, what to offer first, worked out beforehand; values > 0
    repeats     : the same where what a visitor already has may be offered again; None: ``visitors`` serves both
    prior_share : how much of the ranking is added to the personal score after that was divided by its maximum
    """

    neighbors: SparseRows | None = None
    weights: SparseRows | None = None
    ranking: Ranking | None = None
    visitors: SparseRows | None = None
    repeats: SparseRows | None = None
    prior_share: float = 0.0


def pack_row(columns: NDArray[np.int32], values: NDArray[np.float32]) -> bytes:
    """One row as bytes: header, int32 columns, float16 values relative to the row's largest magnitude.

    Raises CorruptTableError when a value is not finite.
    """
    scale = float(np.abs(values).max(initial=0.0)) or 1.0
    if not np.isfinite(scale):
        raise CorruptTableError("a table may hold finite values only")
    header = _HEADER.pack(FORMAT_VERSION, _DTYPE_I4_F2, 0, len(columns), scale)
    return header + columns.astype("<i4").tobytes() + (values / scale).astype("<f2").tobytes()


def unpack_row(payload: bytes) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """(columns int32 (k,), values float32 (k,)) from what `pack_row` wrote.

    Raises CorruptTableError when the bytes are damaged or of a format this version does not know.
    """
    if len(payload) < _HEADER.size:
        raise CorruptTableError("a packed row is shorter than its header")
    version, dtype, _, k, scale = _HEADER.unpack_from(payload)
    if (version, dtype) != (FORMAT_VERSION, _DTYPE_I4_F2):
        raise CorruptTableError(f"packed row of unknown format {version}.{dtype}")
    if len(payload) != _HEADER.size + 6 * k or not np.isfinite(scale):
        raise CorruptTableError("a packed row is damaged")
    columns = np.frombuffer(payload, "<i4", k, _HEADER.size)
    values = np.frombuffer(payload, "<f2", k, _HEADER.size + 4 * k).astype(np.float32) * np.float32(scale)
    if not np.isfinite(values).all():
        raise CorruptTableError("a packed row holds values that are not finite")
    return columns, values


def pack_rows(table: SparseRows) -> Iterator[tuple[int, bytes]]:
    """(row, payload) of every row that is not empty; the same bytes as `pack_row`, all rows at once."""
    rows = np.flatnonzero(np.diff(table.indptr))
    if not len(rows):
        return
    starts, stops = table.indptr[rows], table.indptr[rows + 1]
    scales = np.maximum.reduceat(np.abs(table.values), starts)
    scales[scales == 0] = 1
    scaled = (table.values / np.repeat(scales, stops - starts)).astype("<f2").tobytes()
    columns = table.indices.astype("<i4").tobytes()
    for row, start, stop, scale in zip(
        *(part.tolist() for part in (rows, starts, stops, scales)), strict=True
    ):
        header = _HEADER.pack(FORMAT_VERSION, _DTYPE_I4_F2, 0, stop - start, scale)
        yield row, header + columns[4 * start : 4 * stop] + scaled[2 * start : 2 * stop]


def row_columns(payload: bytes) -> NDArray[np.int32]:
    """The columns of a packed row alone: int32 (k,). Raises CorruptTableError."""
    return unpack_row(payload)[0]


def moved_row(payload: bytes, places: NDArray[np.int32]) -> bytes:
    """A packed row whose column c is ``places[c]`` now; the values stay to the bit."""
    columns = places[row_columns(payload)].astype("<i4").tobytes()
    return payload[: _HEADER.size] + columns + payload[_HEADER.size + len(columns) :]
