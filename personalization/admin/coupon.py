from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.people import PeopleAdmin, names
from personalization.admin.read_only import instant
from personalization.admin.tenant import tenant_of
from personalization.models import Coupon
from personalization.store.coupons import revoke_coupon

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

#: Each is a statement and a line in the log.
_AT_ONCE: Final = 1_000

_CREATED = instant("created_at", _("issued"))
_EXPIRES = instant("expires_at", _("expires"))


def taken_of(taken: int, limit: int) -> str:
    """How much of a limit is taken, on one line."""
    text = gettext("%(taken)d of %(limit)d") % {"taken": taken, "limit": limit}
    return text.replace(" ", "\N{NO-BREAK SPACE}")


@admin.register(Coupon)
class CouponAdmin(PeopleAdmin):
    """Codes: issued on the page of their promotion, read and revoked here."""

    empty_hint = _("No codes yet. Issue them on the page of a promotion.")
    list_display = ("code", "promotion", "state", "uses", "owner_name", _EXPIRES, _CREATED)
    list_filter = ("state",)
    list_select_related = ("promotion", "owner")
    search_fields = ("code",)
    ordering = ("-pk",)
    visitor_path = "owner"
    actions = ("revoke",)
    fields = ("code", "promotion", "state", "uses", "owner_name", _EXPIRES, _CREATED)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request).filter(tenant=tenant_of(request))
        return found.prefetch_related("owner__identities")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("personalization.change_coupon")

    @admin.display(description=_("used"), ordering="taken")
    def uses(self, coupon: Coupon) -> str:
        if coupon.limit is None:
            return str(coupon.taken)
        return taken_of(coupon.taken, coupon.limit)

    @admin.display(description=_("owner"))
    def owner_name(self, coupon: Coupon) -> str:
        if coupon.owner is None:
            return gettext("somebody who is forgotten") if coupon.owned else "-"
        return names(coupon.owner)

    @admin.action(description=_("Revoke, for good"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, coupons: QuerySet[Any]) -> None:
        if coupons.count() > _AT_ONCE:
            message = gettext("At most %(count)d at once.") % {"count": _AT_ONCE}
            self.message_user(request, message, messages.ERROR)
            return
        done = [coupon for coupon in coupons if revoke_coupon(coupon.pk, tenant=coupon.tenant)]
        for coupon in done:
            self.log_change(request, coupon, gettext("Revoked."))
        message = ngettext("%(count)d code is revoked.", "%(count)d codes are revoked.", len(done))
        level = messages.SUCCESS if done else messages.WARNING
        self.message_user(request, message % {"count": len(done)}, level)
