from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.editing import now_micros
from personalization.admin.people import PeopleAdmin, names
from personalization.admin.read_only import instant, recent
from personalization.admin.tenant import tenant_of
from personalization.engine.instants import to_micros
from personalization.engine.promotions import round_amount
from personalization.models import Redemption
from personalization.promotions.result import read_shares

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

_CREATED = instant("created_at", _("reserved"))
_CHANGED = instant("changed_at", _("changed"))


@admin.register(Redemption)
class RedemptionAdmin(PeopleAdmin):
    """The ledger: every use of a promotion, held, used or given back. Nobody writes here but the shop."""

    empty_hint = _("Nobody has used a promotion yet.")
    list_display = ("__str__", "promotion", "coupon", "standing", "value", "order", "who", _CREATED)
    list_filter = ("state", recent("created_at"))
    list_select_related = ("promotion", "coupon", "visitor")
    search_fields = ("order__exact", "coupon__code__exact")
    search_help_text = _("The exact order, or the exact code")
    ordering = ("-pk",)
    fields = (
        "promotion",
        "promotion_version",
        "coupon",
        "standing",
        "value",
        "lines",
        "order",
        "who",
        _CREATED,
        _CHANGED,
        instant("reserved_until", _("reserved until")),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request).filter(tenant=tenant_of(request))
        return found.prefetch_related("visitor__identities")

    @admin.display(description=_("state"), ordering="state")
    def standing(self, row: Redemption) -> str:
        """Whether a reservation has run out is judged when somebody looks."""
        if row.state == Redemption.State.RESERVED and to_micros(row.reserved_until) <= now_micros():
            return gettext("reserved, has run out")
        return row.get_state_display()

    @admin.display(description=_("discount"), ordering="amount")
    def value(self, row: Redemption) -> str:
        return f"{round_amount(row.amount, row.currency):f} {row.currency}"

    @admin.display(description=_("shares of the lines"))
    def lines(self, row: Redemption) -> SafeString:
        shares = ((one.line, one.item, f"{one.amount:f}") for one in read_shares(row.shares))
        return format_html_join("", "<div>{} ({}): {}</div>", shares)

    @admin.display(description=_("visitor"))
    def who(self, row: Redemption) -> str:
        return "-" if row.visitor is None else names(row.visitor)
