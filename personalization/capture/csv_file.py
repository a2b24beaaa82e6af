"""A CSV file that somebody handed in: local, regular, UTF-8, strict, read as a stream."""

from __future__ import annotations

import csv
import gzip
import io
import os
import stat
import zlib
from typing import IO, TYPE_CHECKING, Final, cast

from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Protocol, Self

    class CsvReader(Protocol):
        """What csv.reader() gives; its type has no public name."""

        line_num: int

        def __iter__(self) -> Iterator[list[str]]: ...
        def __next__(self) -> list[str]: ...


#: The longest line, in characters.
LINE_LENGTH: Final = 1_000_000
#: A compressed file may grow this many times once it is larger than FREE_SIZE characters; real order lines grow
#: 5 to 60 times, a bomb 1,000 times.
RATIO: Final = 250
FREE_SIZE: Final = 64_000_000

_GZIP: Final = b"\x1f\x8b"
#: What the first bytes of files that people rename to .csv look like.
_OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}

_TROUBLES: Final = (csv.Error, UnicodeDecodeError, EOFError, OSError, zlib.error)


class CsvFile:
    """Rows of texts under a header. ``scan()`` reads everything once and refuses what is no CSV file; after it
    ``rows()`` gives the same rows, faster. Any refusal is an InvalidInputError that names ``file``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = _open(path)
        self._streams: list[IO[bytes] | io.TextIOWrapper] = []
        try:
            self._compressed = self._sniff()
            self._before = os.fstat(self._descriptor)
            self.header = self._header()
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def column(self, name: str) -> int:
        """Where a column stands. Raises InvalidInputError when there is none, or more than one."""
        places = [place for place, title in enumerate(self.header) if title == name]
        if len(places) == 1:
            return places[0]
        known = ", ".join(repr(title[:40]) for title in self.header[:20])
        problem = "stands twice in the header" if places else f"is not in the header; it has {known}"
        raise InvalidInputError("file", f"the column {name!r} {problem}")

    def scan(self) -> Iterator[list[str]]:
        """Every row after the header, checking everything that can be wrong with the file as a whole."""
        reader = csv.reader(self._checked_lines(), strict=True)
        try:
            next(reader)
            yield from reader
        except _TROUBLES as error:
            raise self._trouble(error, reader.line_num) from error

    def rows(self) -> CsvReader:
        """Every row after the header; ``line_num`` of it is the line that was read last."""
        reader = csv.reader(self._text(), strict=True)
        next(reader)
        return reader

    def require_unchanged(self) -> None:
        """Raise InvalidInputError when somebody wrote to the file, or put another in its place, meanwhile."""
        try:
            now = os.fstat(self._descriptor), os.stat(self.path)  # noqa: PTH116 - both in one way
        except OSError as error:
            raise self._refusal("it vanished while it was read") from error
        if any(_version(state) != _version(self._before) for state in now):
            raise self._refusal("it changed while it was read; run the import again")

    @property
    def share_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return min(os.lseek(self._descriptor, 0, os.SEEK_CUR) / self._before.st_size, 1.0)

    def _sniff(self) -> bool:
        start = os.pread(self._descriptor, 8, 0)
        if not start:
            raise self._refusal("it is empty")
        for magic, what in _OTHERS.items():
            if start.startswith(magic):
                raise self._refusal(f"it is {what}, not UTF-8 CSV")
        return start.startswith(_GZIP)

    def _header(self) -> list[str]:
        reader = csv.reader(self._checked_lines(), strict=True)
        try:
            return next(reader, [])
        except _TROUBLES as error:
            raise self._trouble(error, reader.line_num) from error

    def _trouble(self, error: Exception, line: int) -> InvalidInputError:
        if isinstance(error, csv.Error):
            return self._refusal(f"line {line} is not CSV: {error}")
        if isinstance(error, UnicodeDecodeError):
            return self._refusal("it is not UTF-8 text")
        return self._refusal(f"it is damaged: {error}")

    def _text(self) -> io.TextIOWrapper:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        # A copy of the descriptor, so that a reader that goes away does not close the file under the next one.
        raw = os.fdopen(os.dup(self._descriptor), "rb")
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if self._compressed else raw
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        self._streams += [text, raw]  # a GzipFile does not close what it reads from
        return text

    def _close(self) -> None:
        for stream in self._streams:
            stream.close()
        os.close(self._descriptor)

    def _checked_lines(self) -> Iterator[str]:
        size, limit, text = 0, FREE_SIZE, self._text()
        while line := text.readline(LINE_LENGTH + 1):
            if len(line) > LINE_LENGTH:
                raise self._refusal(f"a line is longer than {LINE_LENGTH:,} characters")
            if "\0" in line:
                raise self._refusal("it is binary, not UTF-8 CSV")
            size += len(line)
            if size > limit:
                limit = size + FREE_SIZE // 8
                self._require_ratio(size)
            yield line

    def _require_ratio(self, size: int) -> None:
        if self._compressed and size > RATIO * self._before.st_size:
            raise self._refusal(f"it grows more than {RATIO} times when unpacked")

    def _refusal(self, problem: str) -> InvalidInputError:
        return InvalidInputError("file", f"{self.path!r} cannot be read: {problem}")


def _open(path: str) -> int:
    """The descriptor of the regular file. Never waits: opening a FIFO plainly would hang until somebody writes to it."""
    if "://" in path:
        raise InvalidInputError("file", f"{path!r} is an address; only files on this machine are read")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError("file", f"{path!r} cannot be read: {reason}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidInputError("file", f"{path!r} is not a regular file")
    return descriptor


def _version(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
