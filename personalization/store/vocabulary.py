"""Which item each row of a build is, by id and by key, in arrays that processes can share."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Up to this many keys, which take a few MB, are kept as text.
SMALL: Final = 20_000
#: The arrays that make a vocabulary.
ARRAYS: Final = ("ids", "id_order", "key_bytes", "key_ends", "hashes", "hash_rows")


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Item rows of a build, 0 … n - 1.

    ids       : int32 (n,)  item id of each row
    id_order  : int32 (n,)  rows in the order of their ids
    key_bytes : uint8  all keys as UTF-8, one after the other
    key_ends  : int64 (n + 1,)  key r is ``key_bytes[key_ends[r]:key_ends[r + 1]]``; empty when the item is gone
    hashes    : uint64 (n,)  hashes of the keys, ascending
    hash_rows : int32 (n,)  the row of each hash
    texts     : the keys as Python text, in a small build only: a process that serves a large one decodes what it shows
    rows      : the row of each of these texts
    """

    ids: NDArray[np.int32]
    id_order: NDArray[np.int32]
    key_bytes: NDArray[np.uint8]
    key_ends: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    hash_rows: NDArray[np.int32]
    texts: list[str] = field(init=False)
    rows: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        kept = np.arange(len(self.ids) if len(self.ids) <= SMALL else 0)
        # Interned, as keys of cards are: a lookup then compares addresses and does not touch the texts.
        texts = [sys.intern(text) for text in self._decoded(kept)]
        object.__setattr__(self, "texts", texts)
        object.__setattr__(self, "rows", {text: row for row, text in enumerate(texts) if text})

    @classmethod
    def of(cls, ids: NDArray[np.int32], keys: Mapping[int, str]) -> Vocabulary:
        """From the ids by row, and the keys of those items that still exist."""
        texts = [keys.get(item, "").encode() for item in ids.tolist()]
        ends = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(text) for text in texts], out=ends[1:])
        hashes = np.fromiter((_hash(text) for text in texts), np.uint64, len(texts))
        by_hash = np.argsort(hashes, kind="stable")
        return cls(
            ids=ids,
            id_order=np.argsort(ids, kind="stable").astype(np.int32),
            key_bytes=np.frombuffer(b"".join(texts), np.uint8),
            key_ends=ends,
            hashes=hashes[by_hash],
            hash_rows=by_hash.astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def rows_of(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """int32 (m,): the row of each item id, -1 where the build does not know it."""
        if not len(self.ids):
            return np.full(len(ids), -1, np.int32)
        places = np.searchsorted(self.ids, ids, sorter=self.id_order)
        rows = self.id_order[np.minimum(places, len(self.ids) - 1)]
        return np.where(self.ids[rows] == ids, rows, np.int32(-1)).astype(np.int32)

    def find_row(self, key: str) -> int | None:
        """The row of an item key."""
        if self.texts:
            return self.rows.get(key)
        text = key.encode("utf-8", "surrogatepass")
        wanted = np.uint64(_hash(text))
        place = int(np.searchsorted(self.hashes, wanted))
        while place < len(self.hashes) and self.hashes[place] == wanted:
            row = int(self.hash_rows[place])
            if text and self._text(row) == text:
                return row
            place += 1
        return None

    def keys(self, rows: NDArray[np.int32]) -> list[str]:
        """The keys of rows; '' for an item that is gone."""
        if self.texts:
            texts = self.texts
            return [texts[row] for row in rows.tolist()]
        return self._decoded(rows)

    def _decoded(self, rows: NDArray[np.integer]) -> list[str]:
        content = self.key_bytes.data
        starts, ends = self.key_ends[rows].tolist(), self.key_ends[rows + 1].tolist()
        return [str(content[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]

    def _text(self, row: int) -> bytes:
        return self.key_bytes[self.key_ends[row] : self.key_ends[row + 1]].tobytes()


def _hash(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
