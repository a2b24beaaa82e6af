"""CSV files (also compressed) read strictly as text: an id is exactly what the file says."""

from __future__ import annotations

import gzip
import lzma
import math
import warnings
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE: Final = (
    OSError,
    EOFError,
    UnicodeDecodeError,
    zlib.error,
    gzip.BadGzipFile,
    lzma.LZMAError,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    pd.errors.ParserWarning,
)


class TextFile:
    """Chosen columns of one file, and optional ones if it has them. ``field`` names the file in errors (it is the option that gave it).

    ``optional`` says of a column's name whether it is kept too.

    Raises InvalidInputError when the file is missing, is no regular file, is damaged or lacks a column.
    """

    def __init__(
        self, field: str, path: str, columns: Sequence[str], *, optional: Callable[[str], bool] | None = None
    ) -> None:
        self.field = field
        if not Path(path).is_file():
            raise InvalidInputError(field, f"there is no file {path!r}", code="missing")
        try:
            self._frame = _read(
                path, lambda name: name in columns or (optional is not None and optional(name))
            )
        except _UNREADABLE as error:
            first_line = str(error).strip().split("\n")[0]
            raise InvalidInputError(field, f"{path!r} cannot be read as CSV: {first_line}") from error
        missing = [column for column in columns if not self.has(column)]
        if missing:
            raise InvalidInputError(field, f"{path!r} has no column {missing[0]!r}", code="missing")

    def __len__(self) -> int:
        return len(self._frame)

    def has(self, column: str) -> bool:
        return column in self._frame.columns

    @property
    def columns(self) -> list[str]:
        """Those that were chosen, as the file orders them."""
        return list(self._frame.columns)

    def texts(self, column: str) -> NDArray[np.object_]:
        """The column as str objects (n,), '' where the cell is empty."""
        return self._frame[column].fillna("").to_numpy(dtype=object)

    def keys(self, column: str) -> NDArray[np.object_]:
        """`texts`; raises InvalidInputError when one is empty."""
        texts = self.texts(column)
        empty = np.flatnonzero(texts == "")
        if len(empty):
            raise InvalidInputError(self.field, f"row {empty[0] + 1} has no {column}")
        return texts

    def numbers(self, column: str) -> NDArray[np.float64]:
        """The column as finite float64 (n,); raises InvalidInputError when one is not."""
        return np.asarray(self._parsed(column, _finite, np.float64))

    def optional_numbers(self, column: str) -> NDArray[np.float64]:
        """`numbers` where an empty cell is NaN."""
        return np.asarray(self._parsed(column, lambda text: _finite(text) if text else math.nan, np.float64))

    def instants(self, column: str, *, zone: str) -> NDArray[np.int64]:
        """ISO 8601 as UTC microseconds int64 (n,), read in ``zone`` when without an offset.

        Raises InvalidInputError when one is neither a date nor a time.
        """
        where = ZoneInfo(zone)
        return np.asarray(self._parsed(column, lambda text: _micros(text, where), np.int64))

    def optional_instants(self, column: str, *, zone: str, unknown: int) -> NDArray[np.int64]:
        """`instants` where an empty cell is ``unknown``."""
        where = ZoneInfo(zone)
        return np.asarray(
            self._parsed(column, lambda text: _micros(text, where) if text else unknown, np.int64)
        )

    def numbered(self, column: str) -> NDArray[np.int64]:
        """A number for each text, from 0 in the order of the texts: int64 (n,), -1 where the cell is empty."""
        texts = self._frame[column].replace("", None)
        codes: NDArray[np.intp] = pd.factorize(texts, sort=True)[0]
        return codes.astype(np.int64)

    def flags(self, column: str) -> NDArray[np.bool_]:
        """1 and true, 0, false and nothing as bool (n,); raises InvalidInputError for anything else."""
        return np.asarray(self._parsed(column, _flag, np.bool_))

    def _parsed(
        self, column: str, parse: Callable[[str], float], dtype: type[np.generic]
    ) -> NDArray[np.generic]:
        """Each distinct text is parsed once: a file of a million lines has few instants and quantities."""
        codes, distinct = pd.factorize(self.texts(column))
        parsed = np.empty(len(distinct), dtype=dtype)
        for code, text in enumerate(distinct):
            try:
                parsed[code] = parse(text)
            except (ValueError, OverflowError) as error:
                row = int(np.argmax(codes == code)) + 1
                raise InvalidInputError(self.field, f"row {row} has {column} {text[:50]!r}") from error
        return parsed[codes]


def _read(path: str, chosen: Callable[[str], bool]) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # all rows longer than the header
        frame = pd.read_csv(
            path, dtype=str, keep_default_na=False, na_filter=False, index_col=False, encoding="utf-8-sig"
        )
    # Not usecols: with it a row of too many cells, so of shifted ones, would pass.
    return frame[[column for column in frame.columns if chosen(column)]]


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _micros(text: str, zone: ZoneInfo) -> int:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true"}:
        return True
    if text.lower() in {"0", "false", ""}:
        return False
    raise ValueError(text)
