"""What the doctor has to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Level(StrEnum):
    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"  #: it works, and could do more
    ERROR = "error"  #: something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen. ``add``: the lines that would change it, ``to`` which file they belong."""

    level: Level
    about: str
    text: str
    add: str = ""
    to: str = ""


fine = partial(Finding, Level.FINE)
note = partial(Finding, Level.NOTE)
warning = partial(Finding, Level.WARNING)
error = partial(Finding, Level.ERROR)
