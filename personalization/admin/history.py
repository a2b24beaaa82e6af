"""The history of a row: every version, what differs between two of them, and the way back to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext

from personalization.admin.conflict import shown_instant
from personalization.admin.difference import Change, differences
from personalization.admin.editing import EditingAdmin, posted_number
from personalization.exceptions import InvalidInputError
from personalization.store.versions import ConflictError, versions_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.store.versions import Saved, StoredVersion

#: More of what was done is not listed.
_LOGGED: Final = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A version in the list."""

    number: int
    author: str
    at: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions, and what differs."""

    old: int
    new: int
    changes: tuple[Change, ...]


class VersionedAdmin(EditingAdmin):
    """Rows whose earlier versions can be read, compared and restored."""

    def restore(self, row: Any, number: int, *, expected: int, author: str) -> Saved:
        """Store an earlier version as the newest. Raises InvalidInputError and ConflictError."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        restore = self.admin_site.admin_view(self.restore_view)
        name = f"personalization_{self.opts.model_name}_restore"
        return [path("<path:object_id>/restore/", restore, name=name), *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The versions, newest first; two of them compared."""
        row = self.row_or_404(request, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        versions = versions_of(self.version_kind, row.pk, tenant=row.tenant)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Versions of “%(row)s”") % {"row": row},
            "opts": self.opts,
            "object": row,
            "versions": [Shown(one.number, one.author, shown_instant(one.created_at)) for one in versions],
            "compared": self._compared(request, versions),
            "may_restore": self.has_change_permission(request, row),
            "log": self._log(row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/personalization/editing/history.html", context)

    def _compared(self, request: HttpRequest, versions: list[StoredVersion]) -> Compared | None:
        """Those that were chosen; at first the newest, with the one before."""
        if len(versions) < 2:
            return None
        by_number = {one.number: one for one in versions}
        new = by_number.get(posted_number(request.GET.get("new")), versions[0])
        old = by_number.get(posted_number(request.GET.get("old")), versions[1])
        changes = differences(old.content, new.content, self.parts)
        return Compared(old.number, new.number, tuple(changes))

    def _log(self, row: Any) -> list[LogEntry]:
        content_type = get_content_type_for_model(self.model)
        entries = LogEntry.objects.filter(content_type=content_type, object_id=str(row.pk))
        return list(entries.select_related("user").order_by("-action_time")[:_LOGGED])

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Save an earlier version as the newest one."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.row_or_404(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        number, expected = (posted_number(request.POST.get(name)) for name in ("number", "version"))
        try:
            saved = self.restore(row, number, expected=expected, author=request.user.get_username())
        except ConflictError:
            message = gettext("Somebody has saved meanwhile: look at the newest version first.")
            self.message_user(request, message, messages.ERROR)
        except InvalidInputError as error:
            message = gettext("Version %(number)d cannot be restored: %(reason)s")
            told = message % {"number": number, "reason": error.message}
            self.message_user(request, told, messages.ERROR)
        else:
            message = gettext("Version %(number)d is restored as version %(version)d.")
            told = message % {"number": number, "version": saved.version}
            self.log_change(request, row, told)
            self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(
            reverse(f"admin:personalization_{self.opts.model_name}_history", args=[row.pk])
        )
