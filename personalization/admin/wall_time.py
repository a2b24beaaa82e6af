"""A moment as the shop's clock shows it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from personalization.conf import settings
from personalization.engine.rules.wall_time import (
    end_of,
    instant_of,
    is_repeated,
    is_skipped,
    local_time,
    start_of,
)

_WALL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
_YEARS: Final = range(1971, 3000)


def wall_text(micros: int | None) -> str:
    """What an input holds of an instant."""
    if micros is None:
        return ""
    wall = local_time(micros, settings.time_zone).replace(tzinfo=None)
    return wall.isoformat(timespec="seconds" if wall.second else "minutes")


class WallTimeField(forms.CharField):
    """Cleans to UTC microseconds; None when it is empty. A day alone means its beginning, or with ``ends`` its end.

    Times that the clock skips or shows twice are refused: which moment is meant cannot be known.
    """

    def __init__(self, *, ends: bool = False, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
        super().__init__(required=False, strip=False, widget=widget, **options)
        self._ends = ends

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return self._instant(text) if text else None

    def _instant(self, text: str) -> int:
        wall = _wall(text)
        moment = (end_of if self._ends else start_of)(wall)
        if is_skipped(moment, settings.time_zone):
            raise ValidationError(_("The clock skips this time on that day."))
        if is_repeated(moment, settings.time_zone):
            raise ValidationError(_("The clock shows this time twice on that day: please choose another."))
        return instant_of(moment, settings.time_zone)


def _wall(text: str) -> date:
    if not _WALL.fullmatch(text):
        raise ValidationError(_("There is no such day or time."))
    try:
        wall = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("There is no such day or time.")) from None
    if wall.year not in _YEARS:
        raise ValidationError(_("Please choose a year from 1971 to 2999."))
    return wall
