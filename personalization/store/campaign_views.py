"""How often people saw a campaign, day by day of the shop's calendar."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import connections, router, transaction

from personalization.conf import settings
from personalization.engine.rules.wall_time import local_time
from personalization.models import Campaign, CampaignView

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS: Final = ("campaign_id", "visitor_id", "day", "tenant", "impressions", "clicks", "last_at")
_KEY: Final = "(campaign_id, visitor_id, day)"
#: vendor → (head of the update, how the new value is called, larger of two)
_DIALECTS: Final = {
    "mysql": ("ON DUPLICATE KEY UPDATE", "VALUES({})", "GREATEST"),
    "postgresql": (f"ON CONFLICT {_KEY} DO UPDATE SET", "excluded.{}", "GREATEST"),
    "sqlite": (f"ON CONFLICT {_KEY} DO UPDATE SET", "excluded.{}", "MAX"),
}


class CampaignSeen(NamedTuple):
    """A campaign was seen, or clicked, by a visitor. ``at``: UTC microseconds."""

    campaign: int
    visitor: int
    at: int
    clicked: bool = False


def day_of(instant: int) -> int:
    """The day of the shop's calendar at an instant, as `CampaignView.day` counts days."""
    return local_time(instant, settings.time_zone).date().toordinal()


def record_campaign_views(seen: Iterable[CampaignSeen], *, tenant: str) -> None:
    """Count what was seen. Calling it twice counts twice: pass only events that were really stored, in the transaction
    that stores them. Campaigns that are gone, or another tenant's, are left out."""
    counts: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for campaign, visitor, at, clicked in seen:
        count = counts[campaign, visitor, day_of(at)]
        count[clicked] += 1
        count[2] = max(count[2], at)
    campaigns = Campaign.objects.filter(tenant=tenant, pk__in={campaign for campaign, _, _ in counts})
    known = set(campaigns.values_list("pk", flat=True))
    # In the order of the index, so that two writers meet in one order and never lock each other out.
    rows: list[tuple[int | str, ...]] = [
        (*key, tenant, *counts[key]) for key in sorted(counts) if key[0] in known
    ]
    if not rows:
        return
    alias = router.db_for_write(CampaignView)
    with transaction.atomic(using=alias, savepoint=False), connections[alias].cursor() as cursor:
        cursor.executemany(_upsert(connections[alias].vendor), rows)


@lru_cache(maxsize=4)
def _upsert(vendor: str) -> str:
    head, new, greatest = _DIALECTS[vendor]
    table = CampaignView._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s) {head} "
        f"impressions = {table}.impressions + {new.format('impressions')}, "
        f"clicks = {table}.clicks + {new.format('clicks')}, "
        f"last_at = {greatest}({table}.last_at, {new.format('last_at')})"
    )
