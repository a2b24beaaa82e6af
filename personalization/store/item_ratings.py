"""What all have said of items: how often each value, averages, and the newest texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from personalization.engine.types import IdentityKind
from personalization.models import Identity, Rating
from personalization.store.items import item_ids

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class GivenRating:
    """What somebody wrote of an item. ``value``: on the present scale, rounded; ``user``: the key of the shop's user, ''
    for somebody without an account."""

    value: int
    text: str
    user: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class ItemRatings:
    """What all have said of an item. ``counts``: value → how often, the lowest first; ``texts``: how many wrote something;
    ``newest``: of those, the newest first."""

    counts: tuple[tuple[int, int], ...]
    texts: int
    newest: tuple[GivenRating, ...]

    @property
    def count(self) -> int:
        return sum(often for _value, often in self.counts)

    @property
    def average(self) -> float | None:
        """The mean value, None without ratings."""
        return sum(value * often for value, often in self.counts) / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class AverageRating:
    """``average``: the mean value on the present scale, of ``count`` ratings."""

    average: float
    count: int


def average_ratings(
    items: Collection[str], *, tenant: str, scale: tuple[int, int]
) -> dict[str, AverageRating]:
    """Item → its average, for those that have ratings; in two statements, however many."""
    known = {number: key for key, number in item_ids(items, tenant=tenant).items()}
    if not known:
        return {}
    rows = Rating.objects.filter(tenant=tenant, item_id__in=known).order_by()
    sums: Counter[int] = Counter()
    often: Counter[int] = Counter()
    groups = rows.values_list("item_id", "value", "scale_low", "scale_high").annotate(given=Count("pk"))
    for item, value, low, high, given in groups:
        sums[item] += _on_scale(value, low, high, scale) * given
        often[item] += given
    return {known[item]: AverageRating(sums[item] / count, count) for item, count in often.items()}


def item_ratings(
    item: str, *, tenant: str, scale: tuple[int, int], count: int, start: int = 0
) -> ItemRatings:
    """The ratings of an item on a scale, with a part of the texts; in four statements at most."""
    known = item_ids([item], tenant=tenant)
    if not known:
        return ItemRatings(counts=(), texts=0, newest=())
    rows = Rating.objects.filter(tenant=tenant, item_id__in=known.values())
    often: Counter[int] = Counter()
    texts = 0
    groups = rows.values_list("value", "scale_low", "scale_high").order_by()
    for value, low, high, given, written in groups.annotate(
        given=Count("pk"), written=Count("pk", filter=~Q(text=""))
    ):
        often[_on_scale(value, low, high, scale)] += given
        texts += written
    newest = _newest(rows, scale, slice(start, start + count)) if count else ()
    return ItemRatings(counts=tuple(sorted(often.items())), texts=texts, newest=newest)


def _newest(rows: QuerySet[Rating], scale: tuple[int, int], part: slice) -> tuple[GivenRating, ...]:
    """A part of those with a text, newest first."""
    person = Coalesce("visitor__person_id", "visitor_id")
    read = list(rows.exclude(text="").annotate(person=person).order_by("-rated_at", "-pk")[part])
    users = _users_of({visitor for row in read for visitor in (row.visitor_id, row.person)})
    return tuple(
        GivenRating(
            value=_on_scale(row.value, row.scale_low, row.scale_high, scale),
            text=row.text,
            user=users.get(row.visitor_id) or users.get(row.person, ""),
            moment=row.rated_at,
        )
        for row in read
    )


def _on_scale(value: Decimal, low: int, high: int, scale: tuple[int, int]) -> int:
    """A value of the scale on which it was given, on another one; halves round up."""
    if (low, high) == scale or low == high:
        return int(value)
    share = (value - low) / (high - low)
    return int((scale[0] + share * (scale[1] - scale[0])).to_integral_value(ROUND_HALF_UP))


def _users_of(visitors: Collection[int]) -> dict[int, str]:
    """Visitor → the key of its user, as far as it has one."""
    if not visitors:
        return {}
    named = Identity.objects.filter(kind=IdentityKind.USER, visitor__in=visitors)
    return dict(named.values_list("visitor", "key"))
