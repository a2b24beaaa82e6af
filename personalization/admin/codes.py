"""The codes of a promotion: issuing them, and taking a batch along."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from personalization.admin.code_forms import ManyCodesForm, OneCodeForm
from personalization.admin.conflict import shown_instant
from personalization.admin.editing import now_micros
from personalization.admin.states import StatesAdmin
from personalization.admin.wall_time import wall_text
from personalization.capture.quarantine import harmless
from personalization.engine.instants import to_micros
from personalization.exceptions import InvalidInputError
from personalization.models import Coupon
from personalization.promotions.issue import CodesUsedUpError, issue, issue_many
from personalization.store.coupons import NewCoupons

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest

#: Older batches are not listed.
_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were issued at once. ``key``: the instant, UTC microseconds."""

    key: int
    at: str
    count: int


class CodesAdmin(StatesAdmin):
    """The page with a promotion's codes."""

    def get_urls(self) -> list[Any]:
        codes = self.admin_site.admin_view(self.codes_view)
        batch = self.admin_site.admin_view(self.batch_view)
        name = "personalization_promotion"
        return [
            path("<path:object_id>/codes/<int:batch>.csv", batch, name=f"{name}_batch"),
            path("<path:object_id>/codes/", codes, name=f"{name}_codes"),
            *super().get_urls(),
        ]

    def codes_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The batches, and the forms that issue more."""
        row = self.row_or_404(request, object_id)
        may_issue = request.user.has_perm("personalization.add_coupon")
        if not may_open_codes(request):
            raise PermissionDenied
        if request.method == "POST" and not may_issue:
            raise PermissionDenied
        one, many = self._forms(request)
        for form, work in ((one, _issue_one), (many, _issue_many)):
            if form.is_bound and form.is_valid() and self._issue(request, row, form, work):
                return HttpResponseRedirect(reverse("admin:personalization_promotion_codes", args=[row.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Codes of “%(row)s”") % {"row": row},
            "opts": self.opts,
            "object": row,
            "forms": [
                (one, "one", gettext("A code of your choice")),
                (many, "many", gettext("Many random codes")),
            ],
            "may_issue": may_issue,
            "may_see": request.user.has_perm("personalization.view_coupon"),
            "batches": _batches(row),
        }
        return TemplateResponse(request, "admin/personalization/promotion/codes.html", context)

    @staticmethod
    def _forms(request: HttpRequest) -> tuple[Form, Form]:
        """The form that came back, and an empty one of the other sort."""
        which = request.POST.get("which") if request.method == "POST" else None
        one = OneCodeForm(request.POST if which == "one" else None, prefix="one")
        many = ManyCodesForm(request.POST if which == "many" else None, prefix="many")
        return one, many

    def _issue(self, request: HttpRequest, row: Any, form: Any, work: Any) -> bool:
        try:
            count = work(row, form.cleaned_data, now_micros())
        except InvalidInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return False
        except CodesUsedUpError:
            form.add_error(None, gettext("Too few codes of this form are left: choose another beginning."))
            return False
        if not count:
            form.add_error("code", gettext("There is this code already, or one that is compared as equal."))
            return False
        told = ngettext("%(count)d code is issued.", "%(count)d codes are issued.", count) % {"count": count}
        self.log_change(request, row, told)
        self.message_user(request, told, messages.SUCCESS)
        return True

    def batch_view(self, request: HttpRequest, object_id: str, batch: int) -> HttpResponse:
        """The codes of a batch as a file; no cell is a formula to a spreadsheet."""
        row = self.row_or_404(request, object_id)
        if not request.user.has_perm("personalization.view_coupon"):
            raise PermissionDenied
        coupons = (
            Coupon.objects.filter(promotion=row, created_at=batch).order_by("pk") if batch < 1 << 63 else []
        )
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="codes-{row.pk}-{batch}.csv"'
        writer = csv.writer(answer)
        writer.writerow(["code", "state", "limit", "taken", "expires_at"])
        for coupon in coupons:
            writer.writerow(map(harmless, _cells(coupon)))
        if not coupons:
            raise Http404
        return answer


def may_open_codes(request: HttpRequest) -> bool:
    """Whoever may issue codes, or see them."""
    return any(
        request.user.has_perm(one) for one in ("personalization.add_coupon", "personalization.view_coupon")
    )


def _issue_one(row: Any, said: dict[str, Any], now: int) -> int:
    new = NewCoupons(promotion=row.pk, limit=said["limit"], expires_at=said["expires_at"])
    return int(issue(said["code"], new, tenant=row.tenant, now=now))


def _issue_many(row: Any, said: dict[str, Any], now: int) -> int:
    new = NewCoupons(promotion=row.pk, limit=said["limit"], expires_at=said["expires_at"])
    return len(issue_many(said["count"], new, prefix=said["beginning"], tenant=row.tenant, now=now))


def _batches(row: Any) -> list[Batch]:
    """The newest batches of a promotion."""
    found = Coupon.objects.filter(promotion=row).values_list("created_at").annotate(Count("pk"))
    return [
        Batch(to_micros(at), shown_instant(to_micros(at)), count)
        for at, count in found.order_by("-created_at")[:_LISTED]
    ]


def _cells(coupon: Coupon) -> list[str]:
    expires = "" if coupon.expires_at is None else wall_text(to_micros(coupon.expires_at))
    limit = "" if coupon.limit is None else str(coupon.limit)
    return [coupon.code, coupon.get_state_display(), limit, str(coupon.taken), expires]
