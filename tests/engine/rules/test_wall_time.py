"""Days and hours of the shop, on days that the clock is changed too."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules import matches
from personalization.engine.rules.wall_time import (
    end_of,
    instant_of,
    is_repeated,
    is_skipped,
    local_time,
    start_of,
    zone_named,
)
from tests.engine.rules.cases import BERLIN, condition, facts, instant, rule

# In Berlin 02:00 to 03:00 is skipped on 2026-03-29, and comes twice on 2026-10-25.
wall = datetime.fromisoformat
ZONES = st.sampled_from(
    [BERLIN, "UTC", "America/Havana", "Pacific/Apia", "Asia/Beirut", "Australia/Lord_Howe"]
)


@given(st.datetimes(wall("2010-01-01"), wall("2030-01-01")), ZONES)
def test_the_first_instant_that_shows_the_time_or_a_later_one(time, zone):
    found = instant_of(time, zone)
    shown, before = local_time(found, zone), local_time(found - 1, zone)
    assert shown.replace(tzinfo=None) >= time
    assert before.replace(tzinfo=None) < time
    assert is_skipped(time, zone) is (shown.replace(tzinfo=None) != time)


def test_skipped_and_repeated():
    gap, fold = wall("2026-03-29T02:30"), wall("2026-10-25T02:30")
    assert (is_skipped(gap, BERLIN), is_repeated(gap, BERLIN)) == (True, False)
    assert (is_skipped(fold, BERLIN), is_repeated(fold, BERLIN)) == (False, True)
    assert instant_of(gap, BERLIN) == instant("2026-03-29T03:00")
    assert instant_of(fold, BERLIN) == instant("2026-10-25T02:30", fold=0)
    assert instant_of(wall("2011-12-30"), "Pacific/Apia") == instant("2011-12-31T00:00", "Pacific/Apia")


def test_days_are_whole():
    assert start_of(date(2026, 11, 27)) == wall("2026-11-27")
    assert end_of(date(2026, 11, 27)) == wall("2026-11-28")
    assert end_of(wall("2026-11-27")) == wall("2026-11-27")


@pytest.mark.parametrize(
    "name", ["Mars/Phobos", "", "..", "/etc/passwd", "Europe", "\0", "x" * 5000, "\ud800"]
)
def test_zones_that_do_not_exist(name):
    with pytest.raises(InvalidInputError, match=r"^zone: there is no time zone"):
        zone_named(name)


def within(now, **fields):
    return matches(rule(condition("context.dates", "within", **fields)), facts(now, BERLIN))


def test_a_window_of_days_is_half_open():
    window = {"from_": "2026-11-27", "until": "2026-11-30"}
    assert not within(instant("2026-11-26T23:59:59.999999"), **window)
    assert within(instant("2026-11-27T00:00"), **window)
    assert within(instant("2026-11-30T23:59:59.999999"), **window)
    assert not within(instant("2026-12-01T00:00"), **window)
    assert within(instant("2026-11-26T23:00", "UTC"), **window)  # midnight in Berlin


def test_a_window_of_times_is_half_open():
    window = {"from_": "2026-11-27T18:00", "until": "2026-11-27T20:00"}
    assert not within(instant("2026-11-27T17:59:59.999999"), **window)
    assert within(instant("2026-11-27T18:00"), **window)
    assert within(instant("2026-11-27T19:59:59.999999"), **window)
    assert not within(instant("2026-11-27T20:00"), **window)


def test_windows_with_one_end():
    assert within(instant("2026-11-27T00:00"), from_="2026-11-27")
    assert not within(instant("2026-11-26T23:59"), from_="2026-11-27")
    assert within(instant("1980-01-01T00:00"), until="2026-11-27")
    assert not within(instant("2026-11-28T00:00"), until="2026-11-27")


def test_the_days_the_clock_is_changed_have_23_and_25_hours():
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        start = instant(f"{day}T00:00")
        inside = [within(start + hour * 3_600_000_000, from_=day, until=day) for hour in range(-1, 27)]
        assert inside == [False] + [True] * hours + [False] * (27 - hours)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_windows_that_meet_never_overlap_nor_leave_a_gap(day):
    first = {"from_": f"{day}T01:00", "until": f"{day}T02:30"}
    second = {"from_": f"{day}T02:30", "until": f"{day}T04:00"}
    start, end = instant(f"{day}T01:00"), instant(f"{day}T04:00")
    for now in range(start, end, 600_000_000):
        assert within(now, **first) + within(now, **second) == 1


def hours(now, start, end):
    return matches(rule(condition("context.hours", "within", from_=start, until=end)), facts(now, BERLIN))


def test_hours_over_midnight():
    shown = {
        clock: hours(instant(f"2026-11-27T{clock}"), "22:00", "06:00")
        for clock in ("21:59:59", "22:00", "23:59", "00:00", "05:59:59", "06:00", "12:00")
    }
    assert [clock for clock, inside in shown.items() if inside] == ["22:00", "23:59", "00:00", "05:59:59"]
    assert hours(instant("2026-11-27T23:59:59"), "18:00", "00:00")
    assert not hours(instant("2026-11-27T00:00"), "18:00", "00:00")


def test_hours_that_are_skipped_do_not_come_and_repeated_ones_come_twice():
    def minutes(day):
        start, end = instant(f"{day}T00:00"), instant(f"{day}T06:00")
        return sum(hours(now, "02:15", "02:45") for now in range(start, end, 60_000_000))

    assert minutes("2026-03-28") == 30
    assert minutes("2026-03-29") == 0
    assert minutes("2026-10-25") == 60


def test_weekdays_are_the_shops():
    saturday = rule(condition("context.weekday", "any_of", values=["saturday"]))
    friday_night = instant("2026-11-27T23:30")
    assert not matches(saturday, facts(friday_night, BERLIN))
    assert matches(saturday, facts(friday_night, "Asia/Shanghai"))
    assert matches(
        rule(condition("context.weekday", "none_of", values=["saturday"])), facts(friday_night, BERLIN)
    )


def test_returning_is_by_the_shops_calendar():
    returning = rule(condition("visitor.returning", "yes"))
    now = instant("2026-10-25T23:30")
    today = instant("2026-10-25T00:00")
    assert matches(returning, facts(now, BERLIN, visitor__first_seen=today - 1))
    assert not matches(returning, facts(now, BERLIN, visitor__first_seen=today))
    assert matches(rule(condition("visitor.returning", "no")), facts(now, BERLIN, visitor__first_seen=today))
    assert matches(
        returning, facts(now, "Asia/Shanghai", visitor__first_seen=today)
    )  # the 25th there, now the 26th
    assert timedelta(microseconds=now - today) == timedelta(hours=24.5)
