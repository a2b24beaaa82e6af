"""How far long work is, for whoever watches."""

from collections.abc import Callable
from typing import Final

#: Called with the share that is done, 0 to 1, and the number of rows that are done.
Progress = Callable[[float, int], None]

#: How much of an import's time its first reading takes, about.
SCAN_SHARE: Final = 0.2


def nobody_watches(share: float, rows: int) -> None:
    """The default: nothing is shown."""
