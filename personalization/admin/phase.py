"""Where a row stands: what was decided, and for one that works what the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personalization.admin.editing import now_micros
from personalization.store.promotion_content import micros
from personalization.store.schedule import Phase, phase_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import IntegerChoices, QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

PHASES: Final[Mapping[str, _StrPromise]] = {
    "draft": _("draft"),
    "scheduled": _("scheduled"),
    "running": pgettext_lazy("state", "running"),
    "paused": _("paused"),
    "ended": _("ended"),
    "archived": _("archived"),
}


def phase_of(row: Any, working: IntegerChoices, *, now: int) -> str:
    """A key of PHASES. ``working``: the state of rows that work."""
    if row.state != working:
        return type(working)(row.state).name.lower()
    return phase_at(now, starts_at=micros(row.starts_at), ends_at=micros(row.ends_at)).value


def in_phase(phase: str, working: Any, *, now: int) -> Q:
    """The rows of which `phase_of` says so."""
    to_come, over = Q(starts_at__gt=now), Q(ends_at__lte=now)
    match phase:
        case Phase.SCHEDULED:
            return Q(state=working) & to_come
        case Phase.ENDED:
            return Q(state=working) & over
        case Phase.RUNNING:
            begun = Q(starts_at=None) | Q(starts_at__lte=now)
            return Q(state=working) & begun & (Q(ends_at=None) | Q(ends_at__gt=now))
        case _:
            return Q(state=type(working)[phase.upper()])


class PhaseFilter(admin.SimpleListFilter):
    """For the rows of a `StatesAdmin`."""

    title = _("phase")
    parameter_name = "phase"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self._working = model_admin.rows.working
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PHASES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        phase = self.value()
        if phase is None or phase not in PHASES:
            return queryset
        return queryset.filter(in_phase(phase, self._working, now=now_micros()))
