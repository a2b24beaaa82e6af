"""How often campaigns were seen and clicked: from the counts, and from the newest events that are not counted yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django.db.models import BigIntegerField, Sum
from django.db.models.functions import Cast

from personalization.engine.types import Kind
from personalization.models import Event, EventCount
from personalization.store.event_counts import Counted, Seen, campaigns_of, counted_upto, shows_campaign
from personalization.store.recent import MOST_READ

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

#: Of events that are not counted yet; more are left to the counter.
_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """``held_out``: how often it would have been seen without its holdout."""

    impressions: int = 0
    clicks: int = 0
    held_out: int = 0


def campaign_totals(campaigns: Collection[int], *, tenant: str, since: int = 0) -> dict[int, CampaignFigures]:
    """The figures of campaigns from a day on (as `day_of` counts days); those without any are left out."""
    rows = EventCount.objects.filter(tenant=tenant, campaign__in=campaigns, day__gte=since).order_by()
    sums = rows.values_list("campaign", "kind", "held_out").annotate(Sum("count"))
    counts = Counter({(campaign, kind, held): int(count) for campaign, kind, held, count in sums})
    for one, count in _uncounted(tenant).items():
        if one.campaign in campaigns and one.day >= since:
            counts[one.campaign, one.kind, one.held_out] += count
    return _figures(counts)


def campaign_days(campaign: int, *, tenant: str, since: int) -> dict[int, CampaignFigures]:
    """The figures of a campaign by day; days without any are left out."""
    rows = EventCount.objects.filter(tenant=tenant, campaign=campaign, day__gte=since)
    stored = rows.values_list("day", "kind", "held_out", "count")
    counts = Counter({(day, kind, held): count for day, kind, held, count in stored})
    for one, count in _uncounted(tenant).items():
        if one.campaign == campaign and one.day >= since:
            counts[one.day, one.kind, one.held_out] += count
    return _figures(counts)


def _uncounted(tenant: str) -> Counter[Counted]:
    """Of the newest rows alone, whosever they are."""
    at = Cast("occurred_at", BigIntegerField())
    newest = Event.objects.filter(pk__gt=counted_upto()).order_by("-pk")
    rows = newest.values_list("tenant", "kind", at, "recommendation", "item", "flags")[:MOST_READ]
    return campaigns_of(islice(_seen(rows, tenant), _MOST))


def _seen(rows: Any, tenant: str) -> Iterator[Seen]:
    for owner, kind, at, recommendation, item, flags in rows:
        if owner == tenant and not flags and shows_campaign(kind, item, recommendation):
            yield Seen(owner, kind, at, recommendation)


def _figures(counts: Mapping[tuple[int, int, bool], int]) -> dict[int, CampaignFigures]:
    """By the first part of the key."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for (key, kind, held), count in counts.items():
        if not held:
            found[key]["clicks" if kind == Kind.CLICK else "impressions"] = count
        elif kind == Kind.IMPRESSION:
            found[key]["held_out"] = count
    return {key: CampaignFigures(**figures) for key, figures in found.items()}
