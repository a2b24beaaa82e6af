from __future__ import annotations

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from personalization.admin.read_only import BY_TENANT, ReadOnlyAdmin, instant
from personalization.models import Run

_REQUESTED = instant("requested_at", _("requested"))
_STARTED = instant("started_at", _("started"))
_FINISHED = instant("finished_at", _("finished"))


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Long work: what was asked for, who does it, what became of it."""

    empty_hint = _("No runs yet. “Rebuild now” on the list of builds asks for one.")
    list_display = ("__str__", "state", _REQUESTED, _STARTED, _FINISHED, "attempt", "error")
    list_filter = ("state", "kind", BY_TENANT)
    ordering = ("-pk",)
    fields = (
        "kind",
        "state",
        _REQUESTED,
        _STARTED,
        instant("heartbeat_at", _("last sign of life")),
        instant("lease_until", _("leased until")),
        _FINISHED,
        "attempt",
        "error",
        "readable_report",
        "tenant",
    )

    @admin.display(description=_("report"))
    def readable_report(self, run: Run) -> SafeString:
        return readable_json(run.report)


def readable_json(value: object) -> SafeString:
    """JSON on several lines, escaped."""
    return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=2))
