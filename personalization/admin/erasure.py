from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from personalization.admin.read_only import BY_TENANT, ReadOnlyAdmin, instant, recent
from personalization.models import Erasure

_ERASED = instant("erased_at", _("erased"))


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """That somebody was erased, and when; not who."""

    empty_hint = _("Nobody was erased yet. People ask for it on the page “Your data and personalization”.")
    list_display = ("__str__", "kind", _ERASED)
    list_filter = ("kind", recent("erased_at"), BY_TENANT)
    ordering = ("-pk",)
    fields = ("kind", _ERASED, "tenant")
