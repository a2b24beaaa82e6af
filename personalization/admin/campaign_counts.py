"""How often the campaigns of a list were seen and clicked: one statement for a page of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Sum

from personalization.models import CampaignView

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest


def counts_of(campaigns: Collection[int]) -> dict[int, tuple[int, int]]:
    """Impressions and clicks by campaign; one that nobody saw is not in it."""
    sums = CampaignView.objects.filter(campaign__in=campaigns).order_by().values_list("campaign")
    found = sums.annotate(Sum("impressions"), Sum("clicks"))
    return {campaign: (impressions, clicks) for campaign, impressions, clicks in found}


class CountedList(ChangeList):
    """A list whose rows have ``seen`` and ``clicked``."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        counts = counts_of([row.pk for row in rows]) if rows else {}
        for row in rows:
            row.seen, row.clicked = counts.get(row.pk, (0, 0))
        self.result_list = rows
