"""What is too old is forgotten: events, view history, answers, and visitors that nothing is known of any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.conf import settings
from personalization.exceptions import InvalidInputError, PersonalizationError
from personalization.store.old_rows import AGING, count_old_events, remove_empty_visitors, remove_old

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY: Final = 86_400_000_000
_MOST_DAYS: Final = 36_500


class TooMuchToForgetError(PersonalizationError):
    """More than half of all events would go: more likely is a clock that is wrong."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """``before``: what happened earlier is gone (UTC microseconds), None when everything is kept; ``removed``: rows by
    kind."""

    before: int | None
    removed: Mapping[str, int]


def forget_old(*, now: int, days: int | None = None, force: bool = False) -> Forgotten:
    """Forget what is older than ``days``, by default RETENTION_DAYS (None keeps everything).

    Ratings stay until their visitor takes them back or is erased, and so does who refused. Safe when two processes do
    the same. Raises InvalidInputError naming ``days`` or ``RETENTION_DAYS``, and TooMuchToForgetError unless forced.
    """
    kept = _days(days)
    if kept is None:
        return Forgotten(None, {})
    before = now - kept * _DAY
    if not force:
        _require_plausible(before, kept)
    removed = {table: sum(remove_old(table, before)) for table in AGING}
    removed["visitors"] = sum(remove_empty_visitors(before))
    return Forgotten(before, removed)


def _days(days: int | None) -> int | None:
    name = "RETENTION_DAYS" if days is None else "days"
    value = settings.RETENTION_DAYS if days is None else days
    if value is None:
        return None
    if type(value) is not int or not 1 <= value <= _MOST_DAYS:
        raise InvalidInputError(
            name, f"{value!r} is not a number of days: a whole number from 1 to {_MOST_DAYS}"
        )
    return value


def _require_plausible(before: int, days: int) -> None:
    old, all_events = count_old_events(before)
    if old * 2 > all_events:
        raise TooMuchToForgetError(
            f"{old:,} of {all_events:,} events are older than {days} days; is the clock right? "
            "If they shall go, say so with --force"
        )
