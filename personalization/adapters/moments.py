"""A host's moments ⇄ instants: aware or naive, of any zone, or only a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import DateField, DateTimeField
from django.utils import timezone

from personalization.conf import settings
from personalization.engine.instants import from_micros, to_micros


def instant_of(moment: datetime | date) -> int:
    """UTC microseconds of a host's moment; a naive one is of the project's zone, a date begins at midnight there."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    return to_micros(moment.astimezone(UTC))


def moment_of(instant: int, column: Any) -> datetime | date:
    """An instant as a column is compared with: a date, a naive moment of the project's zone, or an aware one."""
    moment = from_micros(max(instant, 0))
    if is_date(column):
        return moment.astimezone(timezone.get_default_timezone()).date()
    return moment if settings.use_tz else timezone.make_naive(moment, timezone.get_default_timezone())


def is_moment(column: Any) -> bool:
    return isinstance(column, DateField)


def is_date(column: Any) -> bool:
    return isinstance(column, DateField) and not isinstance(column, DateTimeField)
