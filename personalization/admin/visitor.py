from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from personalization.admin.forgetting import ForgettingAdmin
from personalization.admin.read_only import BY_TENANT, CappedPaginator, instant, names
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


@admin.register(Visitor)
class VisitorAdmin(ForgettingAdmin):
    """Who is known, and by what."""

    empty_hint = _("No visitors yet. They come with the first event or rating.")
    list_display = ("__str__", "known_as", "person", "persons_choice", _CREATED)
    list_filter = ("choice", ("person", admin.EmptyFieldListFilter), BY_TENANT)
    list_select_related = ("person",)
    search_fields = ("identities__key__exact",)
    search_help_text = _("The exact key of a visitor")
    ordering = ("-pk",)
    paginator = CappedPaginator
    fields = (
        "known_as",
        _CREATED,
        ("persons_choice", "persons_instant"),
        "persons_visitors",
        "rows",
        "tenant",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("identities")

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
                if self.admin_site.is_registered(model)
            ),
        )


def _plural(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)
