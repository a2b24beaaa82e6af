"""Item tables, by target and by source: how much they take, and one out of the other."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.tables import SparseRows

#: A stored table entry: int32 column, float32 value.
TABLE_ENTRY: Final = 8
#: A packed row: 12 bytes of header, then an int32 column and a float16 value each.
_PACKED_HEADER: Final = 12
_PACKED_ENTRY: Final = 6


def packed_bytes(n_items: int, neighbors: int) -> int:
    """Upper bound of the bytes of both item tables when packed: ``2 · n · (12 + 6 · min(K, n - 1))``."""
    width = min(neighbors, max(n_items - 1, 0))
    return 2 * n_items * (_PACKED_HEADER + _PACKED_ENTRY * width)


def transpose(table: SparseRows) -> SparseRows:
    """The same entries stored by column: row s lists its targets, largest value first, ties by the lower row."""
    n = len(table)
    starts = table.indptr.astype(np.int32)  # of 64 bits they would make the columns so
    stored: csr_array[np.float32] = csr_array((table.values, table.indices, starts), shape=(n, n))
    turned = stored.tocsc()
    indptr = turned.indptr.astype(np.int64)
    indices = turned.indices.astype(np.int32, copy=False)
    values = turned.data
    for start, stop in zip(indptr[:-1].tolist(), indptr[1:].tolist(), strict=True):
        order = start + np.argsort(-values[start:stop], kind="stable")
        indices[start:stop], values[start:stop] = indices[order], values[order]
    return SparseRows(indptr, indices, values)
