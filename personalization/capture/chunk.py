"""Rows of a CSV file, some thousands at a time, each with the line it starts on."""

from __future__ import annotations

from itertools import compress, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from personalization.capture.quarantine import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from personalization.capture.csv_file import CsvFile
    from personalization.capture.quarantine import Quarantine

#: Rows of one chunk, which is one transaction.
ROWS: Final = 10_000


class Chunk:
    """Consecutive rows. Rows are refused step by step; ``rows`` are those still good, ``keys`` their line keys."""

    def __init__(self, rows: list[list[str]], *, before: int, after: int) -> None:
        self.rows = self._all = rows
        self.keys: list[bytes] = []
        self._places: Sequence[int] = range(len(rows))
        self._before = before
        self._one_line_each = after - before == len(rows)
        self._refused: list[tuple[int, Problem]] = []

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, place: int) -> list[str]:
        """The texts of one column of the rows still good."""
        return list(map(itemgetter(place), self.rows))

    def refuse(self, problems: Sequence[Problem | None]) -> None:
        """Take out the rows that have a problem; one value per row still good."""
        good = [problem is None for problem in problems]
        refused = zip(self._places, problems, strict=True)
        self._refused += [(place, problem) for place, problem in refused if problem is not None]
        self._keep(good)

    def refuse_ill_formed(self, width: int) -> None:
        """Take out rows with more or fewer cells than the header, and blank lines, which nobody needs to know of."""
        if set(map(len, self.rows)) <= {width}:
            return
        self._keep(list(map(bool, self.rows)))
        self.refuse([None if len(row) == width else Problem.WRONG_COLUMNS for row in self.rows])

    def report(self, quarantine: Quarantine) -> int:
        """Hand the refused rows over in the order of the file; returns how many there are."""
        for place, problem in sorted(self._refused):
            quarantine.add(self._line(place), problem, self._all[place])
        return len(self._refused)

    def _keep(self, good: list[bool]) -> None:
        self.rows = list(compress(self.rows, good))
        self.keys = list(compress(self.keys, good))
        self._places = list(compress(self._places, good))

    def _line(self, place: int) -> int:
        if self._one_line_each:
            return self._before + place + 1
        return self._before + sum(map(_lines, self._all[:place])) + 1


def chunks(file: CsvFile) -> Iterator[Chunk]:
    """The rows of a scanned file. Blank lines are rows without a cell."""
    reader = file.rows()
    before = reader.line_num
    while rows := list(islice(reader, ROWS)):
        file.require_unchanged()
        yield Chunk(rows, before=before, after=reader.line_num)
        before = reader.line_num


def _lines(row: list[str]) -> int:
    text = "".join(row).replace("\r\n", "\n").replace("\r", "\n")
    return text.count("\n") + 1
