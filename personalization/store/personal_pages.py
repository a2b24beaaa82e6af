"""What we hold of a person in plain words, read in blocks: flat memory, however much it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db.models import Q

from personalization.engine import ids
from personalization.engine.tables import CorruptTableError, unpack_row
from personalization.engine.types import Flag, IdentityKind, Kind
from personalization.models import (
    Answer,
    BuildRow,
    CampaignView,
    Coupon,
    Event,
    Item,
    Rating,
    Redemption,
    ViewedItem,
    Visitor,
    VisitorRow,
)
from personalization.models import Identity as IdentityRow
from personalization.store.bulk import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

#: Rows read at once.
BLOCK: Final = 1_000
LOOKUP: Final = 500

#: Columns that say nothing of a person: our own numbers, and hashes of what stands beside them in plain words.
INTERNAL: Final = frozenset({"id", "digest", "request", "tenant", "epoch"})


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _flags(value: int) -> list[str]:
    return [flag.name.lower() for flag in Flag if value & flag and flag.name]


#: What the lists of a visitor are for.
_LISTS: Final = {VisitorRow.Table.VISITORS.value: "new items", VisitorRow.Table.REPEATS.value: "all items"}


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the export: the rows of a model in the order of a column, and what is shown under which name."""

    model: type[Any]
    owner: str
    order: str
    fields: Mapping[str, tuple[str, Callable[[Any], Any]]]


#: Everything that we hold. A test fails when a model gains a column that is neither here nor internal.
SECTIONS: Final[dict[str, Section]] = {
    "visitors": Section(
        Visitor,
        "pk",
        "pk",
        {
            "number": ("pk", _same),
            "belongs_to": ("person_id", _same),
            "first_seen": ("created_at", _instant),
            "choice": ("choice", lambda value: Visitor.Choice(value).name.lower()),
            "chosen_at": ("chosen_at", _instant),
        },
    ),
    "known_as": Section(
        IdentityRow,
        "visitor_id",
        "pk",
        {
            "visitor": ("visitor_id", _same),
            "kind": ("kind", lambda value: IdentityKind(value).name.lower()),
            "key": ("key", _same),
        },
    ),
    "ratings": Section(
        Rating,
        "visitor_id",
        "pk",
        {
            "visitor": ("visitor_id", _same),
            "rated_at": ("rated_at", _instant),
            "item": ("item__key", _same),
            "title": ("item__title", _same),
            "value": ("value", _number),
            "lowest": ("scale_low", _same),
            "highest": ("scale_high", _same),
            "text": ("text", _same),
        },
    ),
    "view_history": Section(
        ViewedItem,
        "visitor_id",
        "pk",
        {
            "visitor": ("visitor_id", _same),
            "item": ("item__key", _same),
            "title": ("item__title", _same),
            "views": ("views", _same),
            "first_viewed": ("first_viewed_at", _instant),
            "last_viewed": ("last_viewed_at", _instant),
        },
    ),
    "campaign_views": Section(
        CampaignView,
        "visitor_id",
        "pk",
        {
            "visitor": ("visitor_id", _same),
            "campaign": ("campaign__title", _same),
            "day": ("day", lambda value: date.fromordinal(value).isoformat()),
            "seen": ("impressions", _same),
            "clicked": ("clicks", _same),
            "last": ("last_at", _instant),
        },
    ),
    "prepared_lists": Section(
        VisitorRow,
        "visitor_id",
        "build_id",
        {
            "visitor": ("visitor_id", _same),
            "recommender": ("build__alias", _same),
            "build": ("build_id", _same),
            "learned_from_before": ("build__as_of", _instant),
            "for": ("table", _LISTS.__getitem__),
            "items": ("payload", bytes),
        },
    ),
    "events": Section(
        Event,
        "visitor_id",
        "occurred_at",
        {
            "visitor": ("visitor_id", _same),
            "happened_at": ("occurred_at", _instant),
            "received_at": ("received_at", _instant),
            "kind": ("kind", lambda value: Kind(value).name.lower()),
            "item": ("item__key", _same),
            "title": ("item__title", _same),
            "quantity": ("quantity", _number),
            "unit_price": ("unit_price", _number),
            "currency": ("currency", _same),
            "profit": ("profit", _number),
            "order": ("order", _same),
            "search_text": ("query", _same),
            "recommendation": ("recommendation", _same),
            "position": ("position", _same),
            "store": ("store", _same),
            "marked_as": ("flags", _flags),
            "told_by": ("source", lambda value: Event.Source(value).name.lower()),
        },
    ),
    "redemptions": Section(
        Redemption,
        "visitor_id",
        "pk",
        {
            "visitor": ("visitor_id", _same),
            "reserved_at": ("created_at", _instant),
            "reserved_until": ("reserved_until", _instant),
            "changed_at": ("changed_at", _instant),
            "promotion": ("promotion__title", _same),
            "version": ("promotion_version", _same),
            "code": ("coupon__code", _same),
            "state": ("state", lambda value: Redemption.State(value).name.lower()),
            "amount": ("amount", _number),
            "currency": ("currency", _same),
            "shares": ("shares", _same),
            "order": ("order", _same),
        },
    ),
    "coupons": Section(
        Coupon,
        "owner_id",
        "pk",
        {
            "visitor": ("owner_id", _same),
            "for_them_alone": ("owned", _same),
            "issued_at": ("created_at", _instant),
            "expires_at": ("expires_at", _instant),
            "promotion": ("promotion__title", _same),
            "code": ("code", _same),
            "state": ("state", lambda value: Coupon.State(value).name.lower()),
            "limit": ("limit", _same),
            "used": ("taken", _same),
        },
    ),
}

#: What an event adds about the answer in which the item was shown.
ANSWER_FIELDS: Final = ("slot", "mode", "arm", "propensity", "build", "campaign", "answered_at")


def read_section(name: str, visitors: Iterable[int]) -> Iterator[dict[str, Any]]:
    """The rows of these visitors, each visitor's in order."""
    section = SECTIONS[name]
    for visitor in visitors:
        for block in _blocks(section, visitor):
            rows = [
                {shown: plain(row[column]) for shown, (column, plain) in section.fields.items()}
                for row in block
            ]
            if section.model is Event:
                yield from _with_answers(rows, block[0]["tenant"])
            else:
                yield from rows if section.model is not VisitorRow else _with_keys(rows)


def _blocks(section: Section, visitor: int) -> Iterator[list[dict[str, Any]]]:
    """Each block starts behind the last row of the one before, so no cursor stays open."""
    columns = {column for column, _ in section.fields.values()} | {"pk", section.order}
    columns |= {"tenant"} if section.model is Event else set()
    rows = section.model.objects.filter(**{section.owner: visitor}).order_by(section.order, "pk")
    rows = rows.values(*columns)
    behind = Q()
    while block := list(rows.filter(behind)[:BLOCK]):
        yield block
        pk, order = block[-1]["pk"], block[-1][section.order]
        # The first half is what the index (visitor, instant) answers.
        behind = Q(**{f"{section.order}__gte": order}) & (Q(**{f"{section.order}__gt": order}) | Q(pk__gt=pk))


def _with_keys(lists: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The keys of the items in the place of packed rows, best first; items that are gone are left out."""
    for one in lists:
        listed = _listed(one["build"], one["items"])
        keys = dict(Item.objects.filter(pk__in=listed).values_list("pk", "key"))
        yield one | {"items": [keys[item] for item in listed if item in keys]}


def _listed(build: int, payload: bytes) -> list[int]:
    """The ids of packed items; none where the row is damaged, or its build is being removed."""
    head = BuildRow.objects.filter(build=build, table=BuildRow.Table.VOCABULARY, row=0)
    vocabulary = np.frombuffer(bytes(head.values_list("payload", flat=True).first() or b""), "<i4")
    try:
        rows = unpack_row(payload)[0]
    except CorruptTableError:
        return []
    known: list[int] = vocabulary[rows[rows < len(vocabulary)]].tolist()
    return known


def _with_answers(events: list[dict[str, Any]], tenant: str) -> Iterator[dict[str, Any]]:
    keys = {event["recommendation"] for event in events} - {""}
    answers = {
        answer["key"]: answer
        for batch in batches([ids.digest(tenant, key) for key in keys], LOOKUP)
        for answer in Answer.objects.filter(digest__in=batch).values("key", *ANSWER_FIELDS)
    }
    for event in events:
        answer = answers.get(event["recommendation"])
        if answer is not None:
            shown = {name: answer[name] for name in ANSWER_FIELDS}
            event["shown_in"] = shown | {"answered_at": _instant(answer["answered_at"])}
        yield event
