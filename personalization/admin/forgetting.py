"""A person asked the shop by letter or telephone: staff hand their data over, or erase it. What somebody chose is shown,
but nobody else can choose for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext

from personalization.admin.separation import SeparatingAdmin
from personalization.privacy.download import download
from personalization.privacy.erasure import NotErasedError, erase_visitor
from personalization.privacy.export import export_visitor, holding_of_visitor
from personalization.store.transaction import in_own_transactions

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponse, HttpResponseBase

#: Whoever may see all of these rows may take them along.
_SHOWN: Final = ("visitor", "event", "rating", "vieweditem")


class ForgettingAdmin(SeparatingAdmin):
    """A page of a visitor with the person's data as a file, and with its erasure."""

    change_form_template = "admin/personalization/visitor/change_form.html"

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(self.export)
        erase = in_own_transactions(self.admin_site.admin_view(self.erase))
        return [
            path("<path:object_id>/export/", export, name="personalization_visitor_export"),
            path("<path:object_id>/erase/", erase, name="personalization_visitor_erase"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"may_export": _may_export(request), "may_erase": _may_erase(request)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def export(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Everything that is known of the visitor's person."""
        if not _may_export(request):
            raise PermissionDenied
        visitor = self._visitor(request, object_id)
        self.log_change(request, visitor, gettext("Exported the person's data."))
        return download(request, export_visitor(visitor.pk, now=_now()))

    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then forget the visitor's person."""
        if not _may_erase(request):
            raise PermissionDenied
        visitor = self._visitor(request, object_id)
        if request.method == "POST":
            return self._erase(request, visitor)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Erase this person"),
            "opts": self.opts,
            "visitor": visitor,
            "known": holding_of_visitor(visitor.pk),
        }
        return TemplateResponse(request, "admin/personalization/visitor/erase.html", context)

    def _erase(self, request: HttpRequest, visitor: Any) -> HttpResponse:
        self.log_change(request, visitor, gettext("Erased the person."))
        try:
            done = erase_visitor(visitor.pk, now=_now())
        except NotErasedError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            message = gettext("%(rows)d rows are erased.")
            self.message_user(request, message % {"rows": sum(done.removed.values())}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:personalization_visitor_changelist"))

    def _visitor(self, request: HttpRequest, object_id: str) -> Any:
        visitor = self.get_object(request, unquote(object_id))
        if visitor is None:
            raise Http404
        return visitor


def _may_export(request: HttpRequest) -> bool:
    return all(request.user.has_perm(f"personalization.view_{model}") for model in _SHOWN)


def _may_erase(request: HttpRequest) -> bool:
    return request.user.has_perm("personalization.delete_visitor")


def _now() -> int:
    return time.time_ns() // 1000
