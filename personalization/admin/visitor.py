from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from personalization.admin.forgetting import ForgettingAdmin
from personalization.admin.people import NewestNamedList, names
from personalization.admin.read_only import BY_TENANT, instant
from personalization.models import Visitor
from personalization.store.personal_rows import OF_VISITORS, OUTLIVING, visitors_of

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

#: More browsers of one person are not listed.
_MOST: Final = 50

_CREATED = instant("created_at", _("first seen"))
_CHOSEN = instant("chosen_at", _("chosen"))


class PersonFilter(admin.SimpleListFilter):
    """Whether it is known whose browser it is."""

    title = _("person")
    parameter_name = "joined"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("joined to a person")), ("0", _("on its own"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"0", "1"}:
            return queryset
        return queryset.filter(person__isnull=self.value() == "0")


@admin.register(Visitor)
class VisitorAdmin(ForgettingAdmin):
    """Who is known, and by what."""

    empty_hint = _("No visitors yet. They come with the first event or rating.")
    list_display = ("__str__", "known_as", "person", "persons_choice", _CREATED)
    list_filter = ("choice", PersonFilter, BY_TENANT)
    list_select_related = ("person",)
    search_fields = ("identities__key__exact",)
    only_people = True
    search_help_text = _("A person's exact key or e-mail address, or the number of a visitor such as #7")
    ordering = ("-pk",)
    visitor_path = ""
    fields = (
        "known_as",
        _CREATED,
        ("persons_choice", "persons_instant"),
        "persons_visitors",
        "rows",
        "tenant",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestNamedList]:
        return NewestNamedList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("identities")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        visitor = super().get_object(request, object_id, from_field)
        if visitor is not None:
            visitor.may_view = [
                model
                for model in self.admin_site._registry
                if self.admin_site.get_model_admin(model).has_view_permission(request)
            ]
        return visitor

    @admin.display(description=_("known as"))
    def known_as(self, visitor: Visitor) -> str:
        return names(visitor)

    @admin.display(description=_("personalization"))
    def persons_choice(self, visitor: Visitor) -> str:
        """That of the visitor who stands for the person: it holds for all of them."""
        return (visitor.person or visitor).get_choice_display()

    @admin.display(description=_("chosen"))
    def persons_instant(self, visitor: Visitor) -> str:
        return _CHOSEN(visitor.person or visitor) or "-"

    @admin.display(description=_("the person's visitors"))
    def persons_visitors(self, visitor: Visitor) -> SafeString:
        """All of them, this one included."""
        visitors = Visitor.objects.in_bulk(visitors_of(visitor.person_id or visitor.pk)[-_MOST:])
        return format_html_join(
            mark_safe("<br>"),
            '<a href="{}">{}</a> {}',
            (
                (reverse("admin:personalization_visitor_change", args=[one.pk]), one, names(one))
                for one in visitors.values()
            ),
        )

    @admin.display(description=_("what is known"))
    def rows(self, visitor: Visitor) -> SafeString:
        ways = [(model, "visitor") for model in OF_VISITORS.values()] + list(OUTLIVING.values())
        return format_html_join(
            " · ",
            '<a href="{}?{}__exact={}">{}</a>',
            (
                (
                    reverse(f"admin:personalization_{model._meta.model_name}_changelist"),
                    column,
                    visitor.pk,
                    _plural(model),
                )
                for model, column in ways
                if model in visitor.may_view  # type: ignore[attr-defined]  # set by `get_object`
            ),
        )


def _plural(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)
