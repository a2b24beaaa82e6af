"""How often the campaigns of a list were seen and clicked, in a number of statements that no number of views changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList

from personalization.admin.tenant import tenant_of
from personalization.store.campaign_figures import CampaignFigures, campaign_totals

if TYPE_CHECKING:
    from django.http import HttpRequest


class CountedList(ChangeList):
    """A list whose rows have ``figures``."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        totals = campaign_totals({row.pk for row in rows}, tenant=tenant_of(request)) if rows else {}
        for row in rows:
            row.figures = totals.get(row.pk, CampaignFigures())
        self.result_list = rows
