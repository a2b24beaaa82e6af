"""Where a campaign stands: what was decided, and for one that is active what the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personalization.admin.editing import now_micros
from personalization.models import Campaign
from personalization.store.campaign_content import CampaignContent, Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

State = Campaign.State

PHASES: Final[Mapping[str, _StrPromise]] = {
    "draft": _("draft"),
    "scheduled": _("scheduled"),
    "running": _("running"),
    "paused": _("paused"),
    "ended": _("ended"),
    "archived": _("archived"),
}


def phase_of(row: Campaign, *, now: int) -> str:
    """A key of PHASES."""
    state = State(row.state)
    return state.name.lower() if state != State.ACTIVE else CampaignContent.of_row(row).phase(now).value


def in_phase(phase: str, *, now: int) -> Q:
    """The campaigns of which `phase_of` says so."""
    to_come, over = Q(starts_at__gt=now), Q(ends_at__lte=now)
    match phase:
        case Phase.SCHEDULED:
            return Q(state=State.ACTIVE) & to_come
        case Phase.ENDED:
            return Q(state=State.ACTIVE) & over
        case Phase.RUNNING:
            begun = Q(starts_at=None) | Q(starts_at__lte=now)
            return Q(state=State.ACTIVE) & begun & (Q(ends_at=None) | Q(ends_at__gt=now))
        case _:
            return Q(state=Campaign.State[phase.upper()])


class PhaseFilter(admin.SimpleListFilter):
    title = _("phase")
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PHASES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        phase = self.value()
        if phase is None or phase not in PHASES:
            return queryset
        return queryset.filter(in_phase(phase, now=now_micros()))
