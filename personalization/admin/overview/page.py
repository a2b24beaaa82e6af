"""The parts of the overview, for one person and tenant, in a number of statements that no number of rows changes."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from personalization.admin.editing import now_micros
from personalization.admin.overview.attention import campaign_needs, event_needs, promotion_needs
from personalization.admin.overview.happened import DAYS, happened
from personalization.admin.overview.learned import build_lines, learned, learning_needs
from personalization.admin.overview.running import (
    campaign_table,
    current_campaigns,
    current_promotions,
    promotion_table,
)
from personalization.admin.overview.ways import Ways
from personalization.admin.tenant import tenant_of
from personalization.store.campaign_figures import campaign_totals
from personalization.store.campaign_views import day_of
from personalization.store.recent import recent_events, recent_visitors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import HttpRequest

    from personalization.admin.overview.attention import Need
    from personalization.admin.overview.running import Table

#: More are not told at once.
_MOST_NEEDS: Final = 30


def overview(request: HttpRequest, app_list: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the template shows; a part that whoever looks may not see is empty. ``app_list``: Django's, of this app."""
    ways, tenant, now = Ways(app_list), tenant_of(request), now_micros()
    since = day_of(now) - DAYS + 1
    tables, needs = _marketing(ways, tenant, now, since)
    known = learned(tenant, ways)
    recent = recent_events(tenant, since=since) if ways.may_view("Event") else None
    of_events = [] if recent is None else event_needs(recent, ways, now=now)
    needs = _ordered(chain(of_events, learning_needs(known, ways, now=now), needs))
    return {
        "tables": tables,
        "needs": needs[:_MOST_NEEDS],
        "more_needs": len(needs[_MOST_NEEDS:]),
        "builds": build_lines(known, ways),
        "read": known.read,
        "happened": None if recent is None else happened(recent, now=now),
        "visitors": recent_visitors(tenant) if ways.may_view("Visitor") else None,
        "visitors_url": ways.to_list("Visitor"),
        "groups": ways.groups(),
    }


def _marketing(ways: Ways, tenant: str, now: int, since: int) -> tuple[list[Table], list[Need]]:
    tables: list[Table] = []
    needs: list[Need] = []
    if ways.may_view("Campaign"):
        campaigns = current_campaigns(tenant, now=now)
        figures = campaign_totals({row.pk for row in campaigns}, tenant=tenant, since=since)
        tables.append(campaign_table(campaigns, figures, ways, now=now))
        needs += campaign_needs(campaigns, ways, now=now)
    if ways.may_view("Promotion"):
        promotions = current_promotions(tenant, now=now)
        tables.append(promotion_table(promotions, ways, now=now))
        needs += promotion_needs(promotions, ways, now=now)
    return tables, needs


def _ordered(needs: Iterable[Need]) -> list[Need]:
    """What does not work comes first."""
    return sorted(needs, key=lambda need: not need.urgent)
