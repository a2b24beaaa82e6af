"""What happened lately: the counts, and of the newest rows those that are not counted yet. It takes as long in a table
of a hundred million."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import BigIntegerField, Count, Q, Sum
from django.db.models.functions import Cast

from personalization.models import Event, EventCount, Visitor
from personalization.store.campaign_views import day_of
from personalization.store.event_counts import counted_upto

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Older rows are not looked at, whosever they are.
MOST_READ: Final = 10_000

_QUARTER: Final = 900_000_000  #: no zone is shifted by less


@dataclass(frozen=True, slots=True)
class RecentEvents:
    """``counts``: (kind, day of the shop's calendar) → how often people did it; ``occurred_at`` and ``received_at``:
    the newest, None where there is none (UTC microseconds); ``whole``: all rows there are
    were looked at; ``uncounted``: some of the others are in no count yet. Days are as `day_of` counts them."""

    counts: Mapping[tuple[int, int], int]
    occurred_at: int | None = None
    received_at: int | None = None
    whole: bool = True
    uncounted: bool = False


@dataclass(frozen=True, slots=True)
class RecentVisitors:
    """What the newest visitors said of being known; ``all_counted``: whether there are no others."""

    visitors: int
    agreed: int
    refused: int
    all_counted: bool


def recent_events(tenant: str, *, since: int) -> RecentEvents:
    """``since``: the first day to count. What bots and staff did is not counted, but was received."""
    upto = counted_upto()
    counts = Counter(_stored_counts(tenant, since))
    instants = {name: Cast(name, BigIntegerField()) for name in ("occurred_at", "received_at")}
    rows = list(
        Event.objects.order_by("-pk").values_list(
            "pk", "tenant", "kind", "flags", instants["occurred_at"], instants["received_at"]
        )[:MOST_READ]
    )
    own = [row for row in rows if row[1] == tenant]
    quarters = Counter((kind, at // _QUARTER) for pk, _, kind, flags, at, _ in own if pk > upto and not flags)
    for (kind, quarter), count in quarters.items():
        day = day_of(quarter * _QUARTER)
        if day >= since:
            counts[kind, day] += count
    return RecentEvents(
        counts=counts,
        occurred_at=max([row[4] for row in own], default=None),
        received_at=max([row[5] for row in own], default=None),
        whole=len(rows) < MOST_READ,
        uncounted=len(rows) == MOST_READ and rows[-1][0] > upto + 1,
    )


def _stored_counts(tenant: str, since: int) -> dict[tuple[int, int], int]:
    rows = EventCount.objects.filter(tenant=tenant, day__gte=since).order_by()
    sums = rows.values_list("kind", "day").annotate(Sum("count"))
    return {(kind, day): int(count) for kind, day, count in sums}


def recent_visitors(tenant: str) -> RecentVisitors:
    own = Q(tenant=tenant)
    counted = Visitor.objects.order_by("-pk")[:MOST_READ].aggregate(
        read=Count("pk"),
        visitors=Count("pk", filter=own),
        agreed=Count("pk", filter=own & Q(choice=Visitor.Choice.AGREED)),
        refused=Count("pk", filter=own & Q(choice=Visitor.Choice.REFUSED)),
    )
    read = counted.pop("read")
    return RecentVisitors(**counted, all_counted=read < MOST_READ)
