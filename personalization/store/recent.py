"""What happened lately, read from the newest rows alone: it takes as long in a table of a hundred million."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import BigIntegerField, Count, Q
from django.db.models.functions import Cast

from personalization.models import CampaignView, Event, Visitor
from personalization.store.campaign_views import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Older rows are not looked at, whosever they are.
MOST_READ: Final = 10_000

_QUARTER: Final = 900_000_000  #: no zone is shifted by less


@dataclass(frozen=True, slots=True)
class RecentEvents:
    """``counts``: (kind, day of the shop's calendar) → how often people did it; ``occurred_at`` and ``received_at``:
    the newest, None where there is none; ``reaches_to``: before this instant events were left out, None when none
    was. Instants are UTC microseconds, days are as `day_of` counts them."""

    counts: Mapping[tuple[int, int], int]
    occurred_at: int | None = None
    received_at: int | None = None
    reaches_to: int | None = None


@dataclass(frozen=True, slots=True)
class RecentViews:
    """``counts``: campaign → impressions and clicks; ``since``: the first day that was counted; ``whole``: whether
    all of that day, and of the days after it, was."""

    counts: Mapping[int, tuple[int, int]]
    since: int
    whole: bool


@dataclass(frozen=True, slots=True)
class RecentVisitors:
    """What the newest visitors said of being known; ``all_counted``: whether there are no others."""

    visitors: int
    agreed: int
    refused: int
    all_counted: bool


def recent_events(tenant: str, *, since: int) -> RecentEvents:
    """``since``: the first day to count. What bots and staff did is not counted, but was received."""
    instants = {name: Cast(name, BigIntegerField()) for name in ("occurred_at", "received_at")}
    rows = list(
        Event.objects.order_by("-pk").values_list(
            "tenant", "kind", "flags", instants["occurred_at"], instants["received_at"]
        )[:MOST_READ]
    )
    own = [row for row in rows if row[0] == tenant]
    quarters = Counter((kind, at // _QUARTER) for _, kind, flags, at, _ in own if not flags)
    counts: Counter[tuple[int, int]] = Counter()
    for (kind, quarter), count in quarters.items():
        day = day_of(quarter * _QUARTER)
        if day >= since:
            counts[kind, day] += count
    return RecentEvents(
        counts=counts,
        occurred_at=max([row[3] for row in own], default=None),
        received_at=max([row[4] for row in own], default=None),
        reaches_to=rows[-1][4] if len(rows) == MOST_READ else None,
    )


def recent_views(tenant: str, *, since: int) -> RecentViews:
    """How often campaigns were seen and clicked from a day on."""
    columns = ("tenant", "campaign_id", "day", "impressions", "clicks")
    rows = list(CampaignView.objects.order_by("-pk").values_list(*columns)[:MOST_READ])
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for owner, campaign, day, impressions, clicks in rows:
        if owner == tenant and day >= since:
            sums[campaign][0] += impressions
            sums[campaign][1] += clicks
    cut = rows[-1][2] if len(rows) == MOST_READ else 0
    counts = {campaign: (seen, clicked) for campaign, (seen, clicked) in sums.items()}
    return RecentViews(counts, since=max(since, cut), whole=cut < since)


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
