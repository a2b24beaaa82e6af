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
    """Call it with the share that is done, 0 to 1, and the rows that are done; close it at the end."""

    def __init__(self, stream: OutputWrapper, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._terminal = stream.isatty()
        self._started = self._shown = clock()
        self._drawn = False

    def __call__(self, share: float, rows: int) -> None:
        now = self._clock()
        if now - self._shown < (_TERMINAL_PAUSE if self._terminal else _LINE_PAUSE):
            return
        self._shown = now
        text = f"{share:4.0%}  {rows:,} rows, {rows / max(now - self._started, 1e-6):,.0f} rows/s"
        if self._terminal:
            done = round(share * _WIDTH)
            self._write(f"\r\x1b[K[{'#' * done}{'.' * (_WIDTH - done)}] {text}", "")
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
