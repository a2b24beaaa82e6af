"""Every event is counted once, behind those who write it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from personalization.engine.ids import digest
from personalization.engine.types import IdentityKind, Kind
from personalization.models import CountedEvents, Event, EventCount
from personalization.store import event_counts
from personalization.store.answers import AnswerRow, append_answers
from personalization.store.campaign_figures import CampaignFigures, campaign_days, campaign_totals
from personalization.store.campaign_views import day_of
from personalization.store.event_counts import GRACE, count_events, counted_upto, patience
from personalization.store.events import EventRow, Source, append_events
from personalization.store.recent import recent_events
from personalization.store.visitors import ensure_visitors

pytestmark = pytest.mark.django_db
NOW = 1_700_000_000_000_000
DAY = 86_400_000_000
TODAY = 738_838


@pytest.fixture(autouse=True)
def _zone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TIME_ZONE = "UTC"
    monkeypatch.setattr(event_counts, "patience", lambda: 0)  # on every database as on SQLite
    assert day_of(NOW) == TODAY


def happen(*kinds: Kind, at: int = NOW, tenant: str = "", answer: str = "", flags: int = 0) -> None:
    visitor = ensure_visitors(IdentityKind.USER, ["ann"], tenant=tenant, now=at)["ann"]
    known = Event.objects.count()
    rows = [
        EventRow(digest(str(known + place)), kind, visitor, None, at, recommendation=answer, flags=flags)
        for place, kind in enumerate(kinds)
    ]
    append_events(rows, tenant=tenant, source=Source.CODE, now=at)


def counts(**which: Any) -> list[tuple[int, int, int]]:
    rows = EventCount.objects.filter(**which).order_by("day", "kind", "campaign", "held_out")
    return list(rows.values_list("day", "kind", "count"))


def test_an_event_is_counted_once() -> None:
    happen(Kind.VIEW, Kind.VIEW, Kind.PURCHASE)
    happen(Kind.VIEW, at=NOW - DAY)
    assert count_events(now=NOW) >= 4
    assert count_events(now=NOW) == 0
    assert counts() == [(TODAY - 1, Kind.VIEW, 1), (TODAY, Kind.VIEW, 2), (TODAY, Kind.PURCHASE, 1)]
    happen(Kind.VIEW)
    count_events(now=NOW)
    assert counts(day=TODAY, kind=Kind.VIEW) == [(TODAY, Kind.VIEW, 3)]


def test_it_walks_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    happen(*[Kind.VIEW] * 7)
    monkeypatch.setattr(event_counts, "STEP", 2)
    monkeypatch.setattr(event_counts, "MOST_STEPS", 3)
    first = Event.objects.order_by("pk").values_list("pk", flat=True)[0]
    CountedEvents.objects.create(pk=1, upto=first - 1, newest=0, looked_at=NOW)
    assert [count_events(now=NOW) for _ in range(3)] == [6, 1, 0]
    assert counts() == [(TODAY, Kind.VIEW, 7)]


def test_of_two_at_once_one_counts() -> None:
    happen(Kind.VIEW)
    count_events(now=NOW)
    last = counted_upto()
    assert not event_counts._step(last - 1, last)
    assert counts() == [(TODAY, Kind.VIEW, 1)]


def test_where_ids_commit_out_of_order_young_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_counts, "patience", lambda: GRACE)
    happen(Kind.VIEW)
    count_events(now=NOW)
    assert count_events(now=NOW + GRACE - 1) == 0
    happen(Kind.VIEW, Kind.VIEW)
    assert recent_events("", since=TODAY).counts == {(Kind.VIEW, TODAY): 3}
    count_events(now=NOW + GRACE)
    assert counts() == [(TODAY, Kind.VIEW, 1)]
    assert recent_events("", since=TODAY).counts == {(Kind.VIEW, TODAY): 3}
    count_events(now=NOW + 2 * GRACE)
    assert counts() == [(TODAY, Kind.VIEW, 3)]
    assert recent_events("", since=TODAY).counts == {(Kind.VIEW, TODAY): 3}


def test_machines_staff_and_other_tenants_are_kept_apart() -> None:
    happen(Kind.VIEW, flags=1)
    happen(Kind.VIEW, tenant="other")
    count_events(now=NOW)
    assert counts(tenant="") == []
    assert counts(tenant="other") == [(TODAY, Kind.VIEW, 1)]
    assert recent_events("", since=TODAY).counts == {}


def test_what_is_erased_or_forgotten_stays_counted() -> None:
    happen(Kind.VIEW)
    count_events(now=NOW)
    Event.objects.all().delete()
    assert recent_events("", since=TODAY).counts == {(Kind.VIEW, TODAY): 1}
    assert not {"visitor", "person"} & {field.name for field in EventCount._meta.fields}


@pytest.mark.parametrize("counted", [True, False])
def test_a_campaign_s_figures_say_who_was_held_out(counted: bool) -> None:
    shown, held = AnswerRow("a", "s", "m", NOW, arm="shown", campaign=7), "b"
    append_answers(
        [shown, AnswerRow(held, "s", "m", NOW, arm="holdout", campaign=7), AnswerRow("c", "s", "m", NOW)],
        tenant="",
    )
    happen(Kind.IMPRESSION, Kind.CLICK, answer="a")
    happen(Kind.IMPRESSION, answer="a", at=NOW - DAY)
    happen(Kind.IMPRESSION, answer=held)
    happen(Kind.IMPRESSION, answer="c")
    happen(Kind.IMPRESSION, answer="a", tenant="other")
    if counted:
        count_events(now=NOW)
    assert campaign_totals([7], tenant="") == {7: CampaignFigures(2, 1, 1)}
    assert campaign_totals([7], tenant="", since=TODAY) == {7: CampaignFigures(1, 1, 1)}
    assert campaign_totals([8], tenant="") == {}
    days = {TODAY: CampaignFigures(1, 1, 1), TODAY - 1: CampaignFigures(1, 0, 0)}
    assert campaign_days(7, tenant="", since=0) == days
    assert recent_events("", since=TODAY - 1).counts[Kind.IMPRESSION, TODAY] == 3


def test_only_sqlite_commits_ids_in_order() -> None:
    assert patience() == (0 if connection.vendor == "sqlite" else GRACE)
