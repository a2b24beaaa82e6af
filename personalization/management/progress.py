"""Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.management.base import OutputWrapper

_WIDTH: Final = 30
_TERMINAL_PAUSE: Final = 0.1  #: seconds between two pictures of the bar
_LINE_PAUSE: Final = 10.0  #: seconds between two lines in a log


class ProgressBar:
    """Call it with the share that is done, 0 to 1, or None where nobody knows, and the rows that are done; close it at
    the end."""

    def __init__(
        self, stream: OutputWrapper, clock: Callable[[], float] = time.monotonic, *, unit: str = "rows"
    ) -> None:
        self._stream, self._clock, self._unit = stream, clock, unit
        self._terminal = stream.isatty()
        self._started = self._shown = clock()
        self._drawn = False

    def __call__(self, share: float | None, rows: int) -> None:
        now = self._clock()
        if now - self._shown < (_TERMINAL_PAUSE if self._terminal else _LINE_PAUSE):
            return
        self._shown = now
        speed = rows / max(now - self._started, 1e-6)
        text = f"{rows:,} {self._unit}, {speed:,.0f} {self._unit}/s"
        if share is not None:
            text = f"{share:4.0%}  {text}"
        if self._terminal:
            self._write(f"\r\x1b[K{_bar(share)}{text}", "")
            self._drawn = True
        else:
            self._write(text, "\n")

    def close(self) -> None:
        """Leave the terminal's line."""
        if self._drawn:
            self._write("\r\x1b[K", "")

    def _write(self, text: str, ending: str) -> None:
        self._stream.write(text, style_func=str, ending=ending)
        self._stream.flush()


def _bar(share: float | None) -> str:
    done = round((share or 0) * _WIDTH)
    return "" if share is None else f"[{'#' * done}{'.' * (_WIDTH - done)}] "
