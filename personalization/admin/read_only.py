"""Rows that the app writes and people read: lists and pages without a form."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from personalization.engine.instants import to_micros
from personalization.models import Identity, Item

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponse
    from django.utils.functional import _StrPromise

    ModelAdmin = admin.ModelAdmin[Any]
    AnyPaginator = Paginator[Any]
else:
    ModelAdmin = admin.ModelAdmin
    AnyPaginator = Paginator

#: Counting millions of rows costs more than showing a page of them.
MOST_COUNTED: Final = 10_000
#: Ids that filters of an endless table look at, newest first.
MOST_LOOKED_AT: Final = 100_000

#: More are not offered.
_MOST_TENANTS: Final = 100


class CappedPaginator(AnyPaginator):
    """Pages of the first rows only, so that a list of events opens at once."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin pages querysets
        return rows.order_by()[:MOST_COUNTED].count()


class NewestList(ChangeList):
    """A list of a table without an end: filters look at the newest rows alone, a search at all that belong to somebody.

    ``is_cut``: there are older rows that are not looked at.
    """

    is_cut = False

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        newest = self.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
        people: Any = self.model_admin
        if self.query or people.narrowing & self.params.keys() or newest <= MOST_LOOKED_AT:
            return found
        self.is_cut = True
        return found.filter(pk__gt=newest - MOST_LOOKED_AT)


class ReadOnlyAdmin(ModelAdmin):
    """A list and a page per row. ``empty_hint`` tells how rows come to be, while there are none."""

    empty_hint: ClassVar[_StrPromise | str] = ""
    paginator = CappedPaginator
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    show_full_result_count = False

    class Media:
        css = {"all": ["personalization/rules.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return flatten(self.fields or ())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"empty_hint": self.empty_hint, "most_counted": MOST_COUNTED, **(extra_context or {})}
        return super().changelist_view(request, context)


class TenantFilter(admin.AllValuesFieldListFilter):
    """Which tenant; nothing to choose, and nothing shown, while there is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lookup_choices: Any = known_tenants()  # not those of the list: its whole table would be read

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1


def known_tenants() -> list[str]:
    """Those that have people or items, each found by a step in an index."""
    found: set[str] = set()
    for model in (Identity, Item):
        last: str | None = None
        while len(found) < _MOST_TENANTS:
            rows = (
                model._default_manager.all()
                if last is None
                else model._default_manager.filter(tenant__gt=last)
            )
            last = rows.order_by("tenant").values_list("tenant", flat=True).first()
            if last is None:
                break
            found.add(last)
    return sorted(found)


def asked_tenant(request: HttpRequest) -> str:
    """The tenant that a list is narrowed to; '' for none."""
    return request.GET.get("tenant__exact", "") or request.GET.get("tenant", "")


#: What lists put among their filters.
BY_TENANT: Final = ("tenant", TenantFilter)


class RecentFilter(admin.SimpleListFilter):
    """The last day, week or month of an instant; subclass it by `recent`."""

    title = _("when")
    parameter_name = "days"
    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Last 24 hours")), ("7", _("Last 7 days")), ("30", _("Last 30 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"1", "7", "30"}:
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        if not timezone.is_aware(since):
            since = timezone.make_aware(since)
        return queryset.filter(**{f"{self.field}__gte": to_micros(since)})


def recent(field: str) -> type[RecentFilter]:
    """A filter by the age of an instant."""
    return type("RecentFilter", (RecentFilter,), {"field": field})


def price_text(price: Any, currency: str) -> str:
    """A stored price as people write it: of its four decimals, the last two when they say something."""
    return f"{price:.4f}".removesuffix("00") + f" {currency}".rstrip()


def instant(field: str, description: _StrPromise | str) -> Any:
    """A column that shows an instant in the current time zone, whatever USE_TZ says."""

    @admin.display(description=description, ordering=field)
    def shown(row: Any) -> str | None:
        value = getattr(row, field)
        if value is None:
            return None
        text = timezone.localtime(value).strftime("%Y-%m-%d %H:%M")  # as the overview and the forms write it
        return format_html('<span class="rule-when">{}</span>', text)

    shown.__name__ = field
    return shown
