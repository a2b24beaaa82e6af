"""Rows that work or rest: starting, pausing and archiving, each with its own permission, each noted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.editing import now_micros, posted_number
from personalization.admin.history import VersionedAdmin
from personalization.admin.phase import PHASES, phase_of
from personalization.admin.wall_time import wall_text
from personalization.admin.warnings import with_ticks
from personalization.exceptions import InvalidInputError
from personalization.registry import get_vocabulary
from personalization.store.promotion_content import micros
from personalization.store.versions import ConflictError

if TYPE_CHECKING:
    from django.db.models import IntegerChoices, Model
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from personalization.admin.warnings import Warned
    from personalization.store.versioned import Content, VersionedRows
    from personalization.store.versions import Saved


@dataclass(frozen=True, slots=True)
class Verb:
    """What can be done with a row in some states, by whom, and what it then is."""

    code: str
    label: _StrPromise
    permission: str
    from_: frozenset[IntegerChoices]
    to: IntegerChoices
    done: _StrPromise


def verbs_of(model: type[Any], working: IntegerChoices) -> dict[str, Verb]:
    """The verbs of a kind of row, whose states are a draft, one that works, paused and archived."""
    state, name = model.State, f"personalization.{{}}_{model._meta.model_name}"
    change, remove = name.format("change"), name.format("delete")
    resting = frozenset({state.DRAFT, state.PAUSED})
    return {
        verb.code: verb
        for verb in (
            Verb("start", _("Start"), change, resting, working, _("Started.")),
            Verb("pause", _("Pause"), change, frozenset({working}), state.PAUSED, _("Paused.")),
            Verb("archive", _("Archive"), remove, resting | {working}, state.ARCHIVED, _("Archived.")),
        )
    }


class StatesAdmin(VersionedAdmin):
    """The buttons of a row's page. ``rows``: how it is stored; ``unusable``: why one cannot start, with a place for the
    reason. ``version_kind`` is that of the rows."""

    rows: ClassVar[VersionedRows[Any]]
    unusable: ClassVar[_StrPromise]

    class Media:
        css = {"all": ["personalization/rules.css"]}

    def content(self, form: Any, state: Any) -> Content:
        """What a valid form says, in that state."""
        raise NotImplementedError

    def content_warnings(self, content: Any) -> list[Warned]:
        """What whoever lets it work must have seen. Raises InvalidInputError when it cannot be used."""
        raise NotImplementedError

    @admin.display(description=_("phase"))
    def phase(self, row: Any) -> str:
        phase = self.phase_of(row)
        return format_html('<span class="rule-badge rule-badge-{}">{}</span>', phase, PHASES[phase])

    @admin.display(description=_("runs"), ordering="starts_at")
    def schedule(self, row: Any) -> str:
        """From when until when, by the shop's clock."""
        times = [wall_text(micros(one)).replace("T", " ")[:16] for one in (row.starts_at, row.ends_at)]
        if not any(times):
            return format_html("<span>{}</span>", gettext("at any time"))
        return format_html("<span>{} –</span> <span>{}</span>", *[one or "…" for one in times])

    def phase_of(self, row: Any) -> str:
        """A key of PHASES."""
        return phase_of(row, self.rows.working, now=now_micros())

    @cached_property
    def state_verbs(self) -> dict[str, Verb]:
        """What can be done, by code."""
        return verbs_of(self.model, self.rows.working)

    def save_form_content(self, form: Any, row: Any, *, expected: int, author: str, tenant: str) -> Saved:
        state = type(self.rows.working)
        content = self.content(form, state["DRAFT"] if row is None else state(row.state))
        return self._store(content, row and row.pk, expected, author, tenant)

    def restore(self, row: Any, number: int, *, expected: int, author: str) -> Saved:
        if row.state == self.rows.working:
            raise InvalidInputError("state", gettext("pause it first"))
        return self.rows.restore(
            row.pk,
            number,
            vocabulary=get_vocabulary(),
            expected_version=expected,
            author=author,
            tenant=row.tenant,
            now=now_micros(),
        )

    def _store(self, content: Any, row: int | None, expected: int, author: str, tenant: str) -> Saved:
        return self.rows.save(
            content,
            row=row,
            vocabulary=get_vocabulary(),
            expected_version=expected,
            author=author,
            tenant=tenant,
            now=now_micros(),
        )

    def warnings(self, form: Any) -> list[Warned]:
        return self.content_warnings(self.content(form, self.rows.working))

    def works(self, form: Any, row: Any) -> bool:
        return row is not None and row.state == self.rows.working

    def hint(self, row: Any) -> str:
        draft = row.state == type(self.rows.working)["DRAFT"]
        return gettext("Nothing happens in the shop before you press “Start”.") if draft else ""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        archived = obj is not None and getattr(obj, "state", None) == self.state_verbs["archive"].to
        return not archived and super().has_change_permission(request, obj)

    def get_urls(self) -> list[Any]:
        turn = self.admin_site.admin_view(self.turn)
        name = f"personalization_{self.opts.model_name}_turn"
        return [path("<path:object_id>/turn/<str:verb>/", turn, name=name), *super().get_urls()]

    def verbs(self, request: HttpRequest, row: Any) -> list[Verb]:
        """What whoever looks may do with the row as it is."""
        return [
            one
            for one in self.state_verbs.values()
            if row.state in one.from_ and request.user.has_perm(one.permission)
        ]

    def turn(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Change the state; starting asks first when something is doubtful."""
        if verb not in self.state_verbs:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row, wanted = self.row_or_404(request, object_id), self.state_verbs[verb]
        if not request.user.has_perm(wanted.permission):
            raise PermissionDenied
        if row.state not in wanted.from_:
            message = gettext("It is %(state)s already.") % {"state": row.get_state_display()}
            self.message_user(request, message, messages.WARNING)
            return self._back(row)
        if posted_number(request.POST.get("version")) != row.version:
            return self._changed(request, row)
        try:
            asked = self._asked(request, row) if wanted.to == self.rows.working else None
            return asked or self._turn(request, row, wanted)
        except ConflictError:
            return self._changed(request, row)
        except InvalidInputError as error:
            self.message_user(request, self.unusable % {"reason": error.message}, messages.ERROR)
            return self._back(row)

    def _asked(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """The page that asks whether doubtful things are meant; None once all of them are ticked."""
        warnings = with_ticks(self.content_warnings(self.rows.content.of_row(row)), request.POST)
        return None if all(one.ticked for one in warnings) else self._ask(request, row, warnings)

    def _ask(self, request: HttpRequest, row: Any, warnings: list[Warned]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Start “%(row)s”?") % {"row": row},
            "opts": self.opts,
            "object": row,
            "warnings": warnings,
            "unconfirmed": "asked" in request.POST,
        }
        return TemplateResponse(request, "admin/personalization/editing/start.html", context)

    def _turn(self, request: HttpRequest, row: Any, verb: Verb) -> HttpResponse:
        author = request.user.get_username()
        if verb.to == self.rows.working:
            content = replace(self.rows.content.of_row(row), state=verb.to)
            self._store(content, row.pk, row.version, author, row.tenant)
        else:
            now = now_micros()
            self.rows.stop(
                row.pk, verb.to, expected_version=row.version, author=author, tenant=row.tenant, now=now
            )
        self.log_change(request, row, str(verb.done))
        self.message_user(request, str(verb.done), messages.SUCCESS)
        return self._back(row)

    def _changed(self, request: HttpRequest, row: Any) -> HttpResponse:
        message = gettext("Somebody has saved meanwhile: look at the newest version first.")
        self.message_user(request, message, messages.ERROR)
        return self._back(row)

    def _back(self, row: Any) -> HttpResponse:
        return HttpResponseRedirect(
            reverse(f"admin:personalization_{self.opts.model_name}_change", args=[row.pk])
        )
