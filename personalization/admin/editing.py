"""Rows that people edit with rules in them: one page to add and change, saved version by version through the store."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from personalization.admin.conflict import conflict_of
from personalization.admin.read_only import ModelAdmin
from personalization.admin.rule_builder.suggestions import suggest
from personalization.admin.rule_builder.titles import titles_of
from personalization.admin.tenant import tenant_of, usual_currency
from personalization.admin.warnings import with_ticks
from personalization.exceptions import InvalidInputError
from personalization.store.versions import ConflictError

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.forms import Form
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from personalization.admin.difference import Part
    from personalization.admin.rule_builder.widget import RuleWidget
    from personalization.admin.warnings import Warned
    from personalization.store.versions import Kind, Saved


class EditingAdmin(ModelAdmin):
    """``editing_form``: a form with one or more `RuleField`; ``parts``: what versions are compared by."""

    empty_hint: ClassVar[_StrPromise | str] = ""
    editing_form: ClassVar[type[Form]]
    version_kind: ClassVar[Kind]
    parts: ClassVar[tuple[Part, ...]]
    change_form_template = "admin/personalization/editing/change_form.html"
    show_full_result_count = False

    # What each kind of row says of itself.

    def initial(self, row: Any) -> dict[str, Any]:
        """What the form shows of a row."""
        raise NotImplementedError

    def save_form_content(self, form: Any, row: Any, *, expected: int, author: str, tenant: str) -> Saved:
        """Store what a valid form says. Raises InvalidInputError and ConflictError."""
        raise NotImplementedError

    def warnings(self, form: Any) -> list[Warned]:
        """What is doubtful about a valid form."""
        raise NotImplementedError

    def works(self, form: Any, row: Any) -> bool:
        """Whether what is saved counts at once, so that its warnings must have been seen."""
        raise NotImplementedError

    def settle(self, form: Any, row: Any) -> None:
        """Make the form that of a row; None: of a new one."""

    def hint(self, row: Any) -> str:
        """What is left to be done with a row that was saved."""
        return ""

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What else the page shows of a row."""
        return {}

    # Rows of the tenant alone; none is ever deleted.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request).filter(tenant=tenant_of(request))
        return queryset

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"empty_hint": self.empty_hint} | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        name = f"personalization_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("rules/<str:field>/", wrap(self.rule_view), name=f"{name}_rule"),
            path("suggestions/", wrap(self.suggestions_view), name=f"{name}_suggestions"),
            *super().get_urls(),
        ]

    def row_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The row of this tenant."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    # The page.

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An empty form, a row's form, or what became of one that came back."""
        row = None if object_id is None else self.row_or_404(request, object_id)
        if not self._may_see(request, row):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, row, self._form(request, row, self._stored(request, row)))
        if not self._may_save(request, row):
            raise PermissionDenied
        if any(name.endswith("-act") for name in request.POST):
            return self._page(request, row, self._form(request, row, self._typed(request, row)))
        return self._save(request, row, self._form(request, row, self._stored(request, row), request.POST))

    def _save(self, request: HttpRequest, row: Any, form: Any) -> HttpResponse:
        if not form.is_valid():
            return self._page(request, row, form)
        warnings = with_ticks(self.warnings(form), request.POST)
        if self.works(form, row) and not all(one.ticked for one in warnings):
            return self._page(request, row, form, warnings=warnings, unconfirmed=True)
        try:
            saved = self.save_form_content(
                form,
                row,
                expected=posted_number(request.POST.get("version")) if row else 0,
                author=request.user.get_username(),
                tenant=tenant_of(request),
            )
        except ConflictError:
            return self._conflict(request, row, form)
        except InvalidInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self._page(request, row, form)
        return self._saved(request, saved, added=row is None)

    def _conflict(self, request: HttpRequest, row: Any, form: Any) -> HttpResponse:
        """What was typed stays; what somebody else has saved is told, and counts as seen from now on."""
        if row is None:
            form.add_error("name", gettext("There is one with this name already."))
            return self._page(request, row, form)
        newest = self.row_or_404(request, str(row.pk))
        found = conflict_of(self.version_kind, newest, posted_number(request.POST.get("version")), self.parts)
        return self._page(request, newest, form, conflict=found)

    def _saved(self, request: HttpRequest, saved: Saved, *, added: bool) -> HttpResponse:
        row = self.model._default_manager.get(pk=saved.id)
        message = gettext("Saved as version %(version)d.") % {"version": saved.version}
        (self.log_addition if added else self.log_change)(request, row, message)
        self.message_user(request, f"{message} {self.hint(row)}".rstrip(), messages.SUCCESS)
        return HttpResponseRedirect(
            reverse(f"admin:personalization_{self.opts.model_name}_change", args=[saved.id])
        )

    def _page(self, request: HttpRequest, row: Any, form: Any, **shown: Any) -> HttpResponse:
        may_save = self._may_save(request, row)
        fieldsets: Any = self.get_fieldsets(request, row)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row) if row else gettext("Add %(name)s") % {"name": self.opts.verbose_name},
            "subtitle": None,
            "adminform": AdminForm(form, list(fieldsets), {}, (), model_admin=self),
            "object_id": row and str(row.pk),
            "original": row,
            "is_popup": False,
            "to_field": None,
            "media": self.media + form.media,
            "inline_admin_formsets": [],
            "errors": form.errors if form.is_bound else {},
            "preserved_filters": self.get_preserved_filters(request),
            "version": self._version(request, row, seen="conflict" in shown),
            "may_save": may_save,
            "show_save": may_save,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **self.page_context(request, row),
            **shown,
        }
        return self.render_change_form(request, context, add=row is None, change=row is not None, obj=row)

    @staticmethod
    def _version(request: HttpRequest, row: Any, *, seen: bool) -> Any:
        """The version that the form is made from: that of a form that comes back, until its conflict has been seen."""
        if request.method == "POST" and not seen:
            return request.POST.get("version", "")
        return row.version if row else 0

    # The builder on its own, for the script: what a button would make of the form, without the page around it.

    def rule_view(self, request: HttpRequest, field: str) -> HttpResponse:
        """A builder as it is after a button; nothing is saved."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_edit(request):
            raise PermissionDenied
        form = self._form(request, None, {})
        widget: Any = form.fields[field].widget if field in self.rule_fields else None
        if widget is None:
            raise Http404
        posted = widget.value_from_datadict(request.POST, {}, field)
        return HttpResponse(widget.render(field, posted, renderer=form.renderer))

    def suggestions_view(self, request: HttpRequest) -> HttpResponse:
        """What the shop has of what is typed."""
        if not self._may_edit(request):
            raise PermissionDenied
        found = suggest(request.GET.get("what", ""), request.GET.get("q", ""), tenant=tenant_of(request))
        return JsonResponse({"suggestions": found})

    @property
    def rule_fields(self) -> list[str]:
        """The names of the form's rules."""
        return [name for name, field in self.editing_form.base_fields.items() if hasattr(field, "use")]

    def _form(self, request: HttpRequest, row: Any, initial: dict[str, Any], data: Any = None) -> Any:
        form = self.editing_form(data, initial=initial)
        self.settle(form, row)
        for field in form.fields.values():
            field.label = capfirst(field.label)
        tenant = tenant_of(request)
        for name in self.rule_fields:
            widget: RuleWidget = form.fields[name].widget
            model = f"admin:personalization_{self.opts.model_name}"
            widget.url, widget.suggestions = (
                reverse(f"{model}_rule", args=[name]),
                reverse(f"{model}_suggestions"),
            )
            widget.tenant, widget.currency = tenant, usual_currency(tenant)
            widget.find_titles = partial(titles_of, tenant=tenant)
            widget.may_see_people = request.user.has_perm("personalization.view_visitor")
        return form

    def _stored(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        if row is not None:
            return self.initial(row)
        return {"currency": usual_currency(tenant_of(request))}

    def _typed(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What a form holds, not judged: somebody pressed a button in the middle of it."""
        typed = {
            name: field.widget.value_from_datadict(request.POST, request.FILES, name)
            for name, field in self.editing_form.base_fields.items()
        }
        stored = self._stored(request, row)
        return {name: stored.get(name) if value is None else value for name, value in typed.items()}

    def _may_see(self, request: HttpRequest, row: Any) -> bool:
        return (
            self.has_add_permission(request)
            if row is None
            else self.has_view_or_change_permission(request, row)
        )

    def _may_save(self, request: HttpRequest, row: Any) -> bool:
        return self.has_add_permission(request) if row is None else self.has_change_permission(request, row)

    def _may_edit(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) or self.has_change_permission(request)


def posted_number(text: str | None) -> int:
    """A number that came with a form; -1 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def now_micros() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000
