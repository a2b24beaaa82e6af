"""Which occurrence of its key a line is, exactly and in flat memory, however many lines there are."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.ids import DIGEST_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

#: Files that the digests are dealt to by their first byte, so that one file at a time fits in memory.
PARTS: Final = 32

_RECORD: Final = np.dtype([("high", "<u8"), ("low", "<u8"), ("line", "<u4")])


class LineKeys:
    """Line keys as digests, in the order of the file. First ``add`` all of them, then ``settle`` once, then
    ``read`` them back with the number of earlier lines that had the same key.

    A line takes 16 + 20 + 4 bytes in a temporary folder, and memory for one part of the lines at a time.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="personalization-import-"))
        self._digests = (self._folder / "digests").open("w+b")
        self._parts = [(self._folder / f"part{number}").open("w+b") for number in range(PARTS)]
        self._earlier = (self._folder / "earlier").open("w+b")
        self._lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self._digests, self._earlier, *self._parts):
            file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __len__(self) -> int:
        return self._lines

    def add(self, digests: Sequence[bytes]) -> None:
        """Note the keys of the next lines."""
        joined = b"".join(digests)
        self._digests.write(joined)
        halves = np.frombuffer(joined, "<u8").reshape(-1, 2)
        records = np.empty(len(halves), _RECORD)
        records["high"], records["low"] = halves.T
        records["line"] = np.arange(self._lines, self._lines + len(halves))
        part = (halves[:, 0] % PARTS).astype(np.uint8)
        records = records[np.argsort(part, kind="stable")]
        ends = np.cumsum(np.bincount(part, minlength=PARTS))
        for file, rows in zip(self._parts, np.split(records, ends[:-1]), strict=True):
            file.write(rows.tobytes())
        self._lines += len(halves)

    def settle(self) -> None:
        """Count, part by part: all lines of one key are in the same part."""
        self._earlier.truncate(4 * self._lines)
        for file in self._parts:
            file.seek(0)
            records = np.frombuffer(file.read(), _RECORD)
            # Written in place, not through a memory map: its pages would count as our memory.
            for line, earlier in _repeats(records):
                os.pwrite(self._earlier.fileno(), earlier.to_bytes(4, "little"), 4 * line)
            file.truncate(0)
        self._digests.seek(0)
        self._earlier.seek(0)

    def read(self, count: int) -> tuple[list[bytes], NDArray[np.uint32]]:
        """The keys of the next ``count`` lines, and how many earlier lines had each of them."""
        joined = self._digests.read(DIGEST_SIZE * count)
        digests = [joined[at : at + DIGEST_SIZE] for at in range(0, len(joined), DIGEST_SIZE)]
        return digests, np.frombuffer(self._earlier.read(4 * count), "<u4")


def _repeats(records: NDArray[np.void]) -> Iterator[tuple[int, int]]:
    """The lines whose key stood on earlier lines, each with the number of those."""
    order = np.lexsort((records["low"], records["high"]))  # stable: lines of one key stay in order
    records = records[order]
    first = np.ones(len(records), bool)
    first[1:] = (records["high"][1:] != records["high"][:-1]) | (records["low"][1:] != records["low"][:-1])
    places = np.arange(len(records))
    earlier = places - np.maximum.accumulate(np.where(first, places, 0)) if len(records) else places
    return zip(records["line"][~first].tolist(), earlier[~first].tolist(), strict=True)
