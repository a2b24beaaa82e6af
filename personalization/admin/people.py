"""Visitors by the names that the shop knows them by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.utils.translation import gettext_lazy as _

from personalization.adapters import get_adapter
from personalization.admin.read_only import NewestList, ReadOnlyAdmin, asked_tenant
from personalization.admin.tenant import tenant_of
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Visitor
from personalization.store.personal_rows import visitors_of
from personalization.store.visitors import find_visitor

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from django.db.models import QuerySet
    from django.http import HttpRequest

_LONGEST: Final = 24


def name_people(visitors: Iterable[Visitor], *, tenant: str) -> None:
    """Ask the adapter, once for all of them, how users are called; `names` then says it. Identities are prefetched."""
    known = [
        (visitor, one.key)
        for visitor in visitors
        for one in visitor.identities.all()
        if one.kind == IdentityKind.USER and one.key
    ]
    found = get_adapter().person_names({key for _, key in known}, tenant) if known else {}
    for visitor, key in known:
        if name := found.get(key):
            visitor.called = name  # type: ignore[attr-defined]  # for this page only


def names(visitor: Any) -> str:
    """What a visitor is called, and its identities, or its number."""
    known = ", ".join(map(_shown, visitor.identities.all())) or str(visitor)
    called = getattr(visitor, "called", "")
    return f"{called} ({known})" if called else known


def _shown(identity: Any) -> str:
    """Keys of browsers are long and say nothing: their beginning tells them apart in a list."""
    long = len(identity.key) > _LONGEST
    return f"{identity.get_kind_display()}:{identity.key[:8]}…" if long else str(identity)


def people_known_by(text: str, *, tenant: str) -> set[int]:
    """The visitors of whoever is known by a key, an e-mail address or a number such as #7; none for nobody."""
    digits = text.removeprefix("#")
    if text.startswith("#") and digits.isascii() and digits.isdecimal() and len(digits) < 19:
        return {int(digits)}
    known = [find_visitor(Identity(kind, text), tenant=tenant) for kind in IdentityKind]
    rows = Visitor.objects.filter(pk__in=[visitor for visitor in known if visitor is not None])
    persons = {person or visitor for visitor, person in rows.values_list("pk", "person")}
    return {visitor for person in persons for visitor in visitors_of(person)}


@admin.display(description=_("visitor"))
def _visitor(row: Any) -> str:
    return names(row.visitor)


#: A column with the visitor as people know it, for a `PeopleAdmin`.
visitor: Any = _visitor


class PeopleAdmin(ReadOnlyAdmin):
    """Rows of visitors, which are named to whoever may see visitors. ``visitor_path``: from a row to its visitor, '' for
    rows that are visitors."""

    visitor_path: ClassVar[str] = "visitor"

    #: Whether nothing but people is searched for.
    only_people: ClassVar[bool] = False
    #: Parameters by which few rows are left, however many there are.
    narrowing: ClassVar[Set[str]] = frozenset({"visitor__exact", "visitor__id__exact"})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whoever is known by exactly that, with all that is theirs; else as the admin searches."""
        tenant = asked_tenant(request) or tenant_of(request)
        if search_term and (found := people_known_by(search_term, tenant=tenant)):
            return queryset.filter(**{f"{self.visitor_path or 'pk'}__in": found}), False
        if search_term and self.only_people:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        self.name_rows(request, [] if row is None else [row])
        return row

    def name_rows(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """One question to the adapter for each tenant among the rows."""
        if not request.user.has_perm("personalization.view_visitor"):
            return
        path = self.visitor_path
        visitors = [one for one in (getattr(row, path) if path else row for row in rows) if one is not None]
        for tenant in {one.tenant for one in visitors}:
            name_people([one for one in visitors if one.tenant == tenant], tenant=tenant)


class NamedList(ChangeList):
    """A list that says how people are called."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        people: Any = self.model_admin
        people.name_rows(request, self.result_list)


class NewestNamedList(NamedList, NewestList):
    """The same for a table without an end."""
