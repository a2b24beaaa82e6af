"""Rows that are not taken, with their line number and the reason."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

#: What spreadsheets take for the start of a formula, full-width forms included.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


class Problem(StrEnum):
    """Why a row is not taken. The list is stable; docs/reference/commands.md explains each."""

    WRONG_COLUMNS = "wrong_columns"
    MISSING_KEY = "missing_key"
    MISSING_VISITOR = "missing_visitor"
    MISSING_ITEM = "missing_item"
    BAD_KEY = "bad_key"
    BAD_ORDER = "bad_order"
    BAD_TIME = "bad_time"
    AMBIGUOUS_TIME = "ambiguous_time"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    BAD_QUANTITY = "bad_quantity"
    NEGATIVE_QUANTITY = "negative_quantity"
    BAD_PRICE = "bad_price"
    BAD_CURRENCY = "bad_currency"
    BAD_TEXT = "bad_text"
    BAD_STOCK = "bad_stock"
    BAD_VALUE = "bad_value"
    UNKNOWN_ITEM = "unknown_item"
    REFUSED = "refused"
    ERASED = "erased"


#: Of people who do not want to be known, the file says only which line it was.
_WITHHELD: Final = frozenset({Problem.REFUSED, Problem.ERASED})


class Quarantine:
    """A CSV file of refused rows: ``line``, ``reason``, then the row. It appears when the import ends well, and
    only if there is something in it; cells that a spreadsheet would run as a formula are made harmless."""

    def __init__(self, path: str | None, *, source: str, header: Sequence[str]) -> None:
        self.path = Path(path) if path else _beside(source)
        if self.path.exists() and (not self.path.is_file() or self.path.samefile(source)):
            raise InvalidInputError("quarantine", f"'{self.path}' cannot be written over")
        self.reasons: Counter[str] = Counter()
        self._header = header
        self._part: Any = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._part is not None:
            self._part.close()
            part = Path(self._part.name)
            part.unlink(missing_ok=True) if kind else part.replace(self.path)

    @property
    def file(self) -> str | None:
        """Where the rows are, None when there are none."""
        return str(self.path) if self.reasons else None

    def add(self, line: int, problem: Problem, row: Iterable[str]) -> None:
        """Refuse the row that starts on this line of the file."""
        if self._part is None:
            self._start()
        self.reasons[problem.value] += 1
        cells = () if problem in _WITHHELD else map(harmless, row)
        self._writer.writerow([line, problem.value, *cells])

    def _start(self) -> None:
        try:
            self._part = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed in __exit__
                "w",
                encoding="utf-8",
                newline="",
                dir=self.path.parent,
                prefix=f".{self.path.name}.",
                delete=False,
            )
        except OSError as error:
            message = f"'{self.path}' cannot be written: {error.strerror}"
            raise InvalidInputError("quarantine", message) from error
        self._writer = csv.writer(self._part)
        self._writer.writerow(["line", "reason", *map(harmless, self._header)])


def harmless(cell: str) -> str:
    """The cell as text that no spreadsheet runs: with an apostrophe before what looks like a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _beside(source: str) -> Path:
    """``orders.csv.gz`` → ``orders.quarantine.csv`` beside it, or in the temporary folder when that is read-only."""
    path = Path(source)
    name = path.name.removesuffix(".gz").removesuffix(".csv") + ".quarantine.csv"
    folder = path.parent if os.access(path.parent, os.W_OK) else Path(tempfile.gettempdir())
    return folder / name
