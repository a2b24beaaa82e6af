"""How a campaign does: in all, and day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext

from personalization.admin.bars import bars_of, day_text
from personalization.admin.overview.happened import DAYS, day_lines
from personalization.store.campaign_figures import CampaignFigures, campaign_days, campaign_totals
from personalization.store.campaign_views import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalization.admin.bars import Bars
    from personalization.admin.overview.happened import DayLine
    from personalization.models import Campaign

_NONE: Final = CampaignFigures()


@dataclass(frozen=True, slots=True)
class CampaignDays:
    """``total``: since it was made; ``rate``: clicks among impressions, '' without any; the rest is of the last days."""

    total: CampaignFigures
    rate: str
    kinds: Sequence[Bars]
    days: Sequence[DayLine]
    first: str
    final: str


def days_of(campaign: Campaign, *, now: int) -> CampaignDays:
    today = day_of(now)
    days = range(today - DAYS + 1, today + 1)
    total = campaign_totals([campaign.pk], tenant=campaign.tenant).get(campaign.pk, _NONE)
    found = campaign_days(campaign.pk, tenant=campaign.tenant, since=days[0])
    kinds = [
        bars_of(gettext("Impressions"), {day: one.impressions for day, one in found.items()}, days),
        bars_of(gettext("Clicks"), {day: one.clicks for day, one in found.items()}, days),
    ]
    if total.held_out:
        held_out = {day: one.held_out for day, one in found.items()}
        kinds.append(bars_of(gettext("Left out by lot"), held_out, days))
    return CampaignDays(
        total=total,
        rate=f"{100 * total.clicks / total.impressions:.1f} %" if total.impressions else "",
        kinds=kinds,
        days=day_lines(kinds, days),
        first=day_text(days[0]),
        final=day_text(today),
    )
