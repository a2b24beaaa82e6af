from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import DateField, DateTimeField

from personalization.adapters.moments import instant_of, moment_of
from personalization.engine.instants import to_micros

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENING = datetime(2026, 3, 1, 20)  # noqa: DTZ001 - as shops without zones write noon in Shanghai


@pytest.fixture(autouse=True)
def _shanghai(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"


def test_naive_moments_and_dates_are_of_the_projects_zone() -> None:
    assert instant_of(EVENING) == instant_of(NOON) == to_micros(NOON)
    assert instant_of(date(2026, 3, 1)) == to_micros(datetime(2026, 2, 28, 16, tzinfo=UTC))


@pytest.mark.parametrize(("use_tz", "expected"), [(True, NOON), (False, EVENING)])
def test_moments_are_compared_as_the_column_holds_them(
    settings: Any, use_tz: bool, expected: datetime
) -> None:
    settings.USE_TZ = use_tz
    found = moment_of(to_micros(NOON), DateTimeField())
    assert isinstance(found, datetime)
    assert (found, found.tzinfo is None) == (expected, not use_tz)


def test_dates_are_those_of_the_projects_zone() -> None:
    assert moment_of(to_micros(datetime(2026, 2, 28, 17, tzinfo=UTC)), DateField()) == date(2026, 3, 1)


def test_instants_before_the_beginning_are_the_beginning(settings: Any) -> None:
    settings.USE_TZ = True
    assert moment_of(-5, DateTimeField()) == datetime(1970, 1, 1, tzinfo=UTC)
