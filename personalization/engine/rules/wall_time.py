"""Times on the shop's wall clock, and the instants they are: exact on days that the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from personalization.engine.errors import InvalidInputError
from personalization.engine.instants import from_micros, to_micros

#: Microseconds of 24 hours.
DAY = 86_400_000_000


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises InvalidInputError naming ``zone``.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInputError("zone", f"there is no time zone {name!r}") from None


def local_time(instant: int, zone: str) -> datetime:
    """What clock and calendar show at an instant (UTC microseconds)."""
    return from_micros(instant).astimezone(zone_named(zone))


@lru_cache(maxsize=4096)
def instant_of(wall: datetime, zone: str) -> int:
    """The first instant (UTC microseconds) at which the clock shows the time or a later one of its day.

    A time that the clock skips is the instant of the skip; of a time that it shows twice, the first one. So windows
    that meet on the wall meet in time: none overlap, and nothing is between them.
    """
    early, late = sorted([to_micros(wall.replace(tzinfo=zone_named(zone), fold=fold)) for fold in (0, 1)])
    if not is_skipped(wall, zone):
        return early
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (
            (middle, late) if local_time(middle, zone).replace(tzinfo=None) < wall else (early, middle)
        )
    return late


def is_skipped(wall: datetime, zone: str) -> bool:
    """Whether the clock never shows the time, because it is set forward over it."""
    there = wall.replace(tzinfo=zone_named(zone), fold=0)
    return there.astimezone(UTC).astimezone(there.tzinfo).replace(tzinfo=None, fold=0) != wall


def is_repeated(wall: datetime, zone: str) -> bool:
    """Whether the clock shows the time twice, because it is set back over it."""
    first, second = (wall.replace(tzinfo=zone_named(zone), fold=fold).utcoffset() for fold in (0, 1))
    return first != second and not is_skipped(wall, zone)


def start_of(wall: date) -> datetime:
    """The wall time a window starts at; a day means its midnight."""
    return wall if isinstance(wall, datetime) else datetime.combine(wall, time())


def end_of(wall: date) -> datetime:
    """The wall time a window ends before; a day means the next midnight."""
    return wall if isinstance(wall, datetime) else datetime.combine(wall + timedelta(days=1), time())
