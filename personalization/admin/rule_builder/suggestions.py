"""What the shop has, offered while somebody types."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from personalization.models import Event, Item, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: How many are offered at once.
OFFERED: Final = 20
#: How many rows are looked at where no index helps.
LOOKED_AT: Final = 20_000

Suggestion = dict[str, str]


def suggest(what: str, text: str, *, tenant: str) -> list[Suggestion]:
    """Values with labels, as fields name them in ``suggests``; those that hold the text, in order."""
    find = _FINDERS.get(what)
    typed = text.strip()[:255].replace("\0", "")
    return [] if find is None else list(islice(find(typed, tenant), OFFERED))


def _items(text: str, tenant: str) -> Iterator[Suggestion]:
    found = Item.objects.filter(Q(title__icontains=text) | Q(key__istartswith=text), tenant=tenant)
    for key, title in found.order_by("title", "key").values_list("key", "title")[:OFFERED]:
        yield {"value": key, "label": f"{title} ({key})" if title else key, "title": title}


def _column(column: str) -> Callable[[str, str], Iterator[Suggestion]]:
    def find(text: str, tenant: str) -> Iterator[Suggestion]:
        found = Item.objects.filter(tenant=tenant, **{f"{column}__icontains": text}).exclude(**{column: ""})
        values = found.order_by(column).values_list(column, flat=True).distinct()
        yield from _plain(values[:OFFERED])

    return find


def _tags(text: str, tenant: str) -> Iterator[Suggestion]:
    rows: Any = Item.objects.filter(tenant=tenant).values_list("tags", flat=True).order_by("-pk")[:LOOKED_AT]
    yield from _plain(_holding(text, (str(tag) for tags in rows for tag in tags)))


def _segments(text: str, tenant: str) -> Iterator[Suggestion]:
    found = Segment.objects.filter(Q(title__icontains=text) | Q(name__icontains=text), tenant=tenant)
    for name, title in found.order_by("title").values_list("name", "title")[:OFFERED]:
        yield {"value": name, "label": f"{title} ({name})", "title": title}


def _stores(text: str, tenant: str) -> Iterator[Suggestion]:
    """Of the newest events."""
    newest = Event.objects.filter(tenant=tenant).order_by("-pk").values_list("store", flat=True)[:LOOKED_AT]
    yield from _plain(_holding(text, newest))


def _holding(text: str, found: Iterable[str]) -> list[str]:
    folded = text.casefold()
    return sorted({one for one in found if one and folded in one.casefold()})


def _plain(values: Iterable[str]) -> Iterator[Suggestion]:
    yield from ({"value": value, "label": value} for value in values)


_FINDERS: Final[Mapping[str, Callable[[str, str], Iterator[Suggestion]]]] = {
    "item": _items,
    "category": _column("category"),
    "brand": _column("brand"),
    "tag": _tags,
    "segment": _segments,
    "store": _stores,
}
