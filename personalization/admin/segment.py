from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.difference import Part
from personalization.admin.editing import now_micros
from personalization.admin.history import VersionedAdmin
from personalization.admin.parts import text, yes_or_no
from personalization.admin.read_only import instant
from personalization.admin.rule_builder.segment_rules import segment_rules
from personalization.admin.segment_form import RULE, SegmentForm
from personalization.admin.usage import uses_of_segment
from personalization.admin.warnings import Warned, doubts_of
from personalization.engine.rules import find_cycle, read_rule
from personalization.exceptions import InvalidInputError
from personalization.models import Segment
from personalization.registry import get_vocabulary
from personalization.store.segments import SCOPES, SegmentContent, restore_segment, save_segment
from personalization.store.versions import Kind, Saved

if TYPE_CHECKING:
    from django.http import HttpRequest

_UPDATED = instant("updated_at", _("updated"))


@admin.register(Segment)
class SegmentAdmin(VersionedAdmin):
    """Sets of visitors that rules name."""

    empty_hint = _("No segments yet. Press “Add segment”, and say who is in it.")
    list_display = ("title", "name", "active", "version", _UPDATED)
    list_filter = ("active",)
    search_fields = ("title", "name")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("title", "name", "note", "active")}),
        (_("Who is in it"), {"fields": ("rule",)}),
    )
    editing_form = SegmentForm
    version_kind = Kind.SEGMENT
    parts: ClassVar[tuple[Part, ...]] = (
        Part("title", _("title"), text("title")),
        Part("note", _("note"), text("note")),
        Part("active", _("active"), yes_or_no("active")),
        Part("rule", _("Who is in it")),
    )

    def initial(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("title", "name", "note", "active", "rule")}

    def settle(self, form: Any, row: Any) -> None:
        form.fields["name"].disabled = row is not None  # other rules name it

    def save_form_content(self, form: Any, row: Any, *, expected: int, author: str, tenant: str) -> Saved:
        content = SegmentContent(**form.cleaned_data)
        _check_cycle(content.name, content.rule, tenant)
        return save_segment(
            content,
            vocabulary=get_vocabulary(),
            expected_version=expected,
            author=author,
            tenant=tenant,
            now=now_micros(),
        )

    def restore(self, row: Any, number: int, *, expected: int, author: str) -> Saved:
        return restore_segment(
            row.name,
            number,
            vocabulary=get_vocabulary(),
            expected_version=expected,
            author=author,
            tenant=row.tenant,
            now=now_micros(),
        )

    def warnings(self, form: Any) -> list[Warned]:
        return list(doubts_of({"rule": (form.cleaned_data["rule"], RULE)}))

    def works(self, form: Any, row: Any) -> bool:
        return bool(form.cleaned_data["active"])

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {} if row is None else {"uses": uses_of_segment(row.name, row.tenant)}


def _check_cycle(name: str, rule: str, tenant: str) -> None:
    """Raises InvalidInputError when the segment would lead back to itself."""
    way = find_cycle(name, read_rule(rule, get_vocabulary(), scopes=SCOPES), segment_rules(tenant))
    if way:
        message = gettext("The segment leads back to itself: %(way)s.")
        raise InvalidInputError("rule", message % {"way": " → ".join(way)})
