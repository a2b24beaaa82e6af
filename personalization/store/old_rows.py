"""What has grown too old goes, in short transactions that walk along the primary key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import router
from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from personalization.engine.instants import to_micros
from personalization.models import (
    Answer,
    CampaignView,
    Coupon,
    Event,
    Redemption,
    ViewedItem,
    Visitor,
    VisitorRow,
)
from personalization.models import Identity as IdentityRow
from personalization.store.bulk import batches
from personalization.store.personal_rows import BATCH, OF_VISITORS
from personalization.store.removal import alone_with_people
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models.query import QuerySet

#: What grows old by itself → its model, and the instant that counts.
_AGING: Final[dict[str, tuple[type[Any], str]]] = {
    "events": (Event, "occurred_at"),
    "view_history": (ViewedItem, "last_viewed_at"),
    "campaign_views": (CampaignView, "last_at"),
    "answers": (Answer, "answered_at"),
}
AGING: Final = tuple(_AGING)

#: Visitors that are removed while nobody writes about people: short enough that nobody notices.
_VISITORS: Final = 500


def count_old_events(before: int) -> tuple[int, int]:
    """How many events happened before an instant (UTC microseconds), and how many there are."""
    counts = Event.objects.aggregate(all=Count("pk"), old=Count("pk", filter=Q(occurred_at__lt=before)))
    return counts["old"], counts["all"]


def remove_old(table: str, before: int) -> Iterator[int]:
    """Remove the rows of a table that are older than an instant; how many, transaction by transaction."""
    model, instant = _AGING[table]
    for window, oldest in _windows(model, instant):
        if oldest < before:
            old = window.filter(**{f"{instant}__lt": before})
            yield in_transaction(partial(_remove, old), using=router.db_for_write(model))


def remove_empty_visitors(before: int) -> Iterator[int]:
    """Remove visitors from before an instant that nothing refers to, transaction by transaction; whoever refused, or
    chose later than that, stays."""
    for window, oldest in _windows(Visitor, "created_at"):
        if oldest < before:
            empty = list(_empty(window, before).values_list("pk", flat=True))
            for some in batches(empty, _VISITORS):
                yield alone_with_people(partial(_remove_visitors, some, before))


def _windows(model: type[Any], instant: str) -> Iterator[tuple[QuerySet[Any], int]]:
    """Stretches of BATCH rows along the primary key, and the oldest instant of each (UTC microseconds)."""
    last = 0
    while True:
        some = model.objects.filter(pk__gt=last).order_by("pk")[:BATCH]
        found = some.aggregate(last=Max("pk"), oldest=Min(instant))
        if found["last"] is None:
            return
        yield model.objects.filter(pk__gt=last, pk__lte=found["last"]), to_micros(found["oldest"])
        last = found["last"]


def _remove(rows: QuerySet[Any]) -> int:
    removed: int = rows.delete()[0]
    return removed


def _empty(visitors: QuerySet[Visitor], before: int) -> QuerySet[Visitor]:
    kept = [model for model in OF_VISITORS.values() if model is not VisitorRow]  # made of the others
    referring = [model.objects.filter(visitor=OuterRef("pk")) for model in kept]
    referring.append(Redemption.objects.filter(visitor=OuterRef("pk"), changed_at__gte=before))
    referring.append(Coupon.objects.filter(owner=OuterRef("pk"), state=Coupon.State.ACTIVE))
    members = Visitor.objects.filter(person=OuterRef("pk")).exclude(pk=OuterRef("pk"))
    bound = Q(choice=Visitor.Choice.REFUSED) | Q(chosen_at__gte=before)
    nothing = [~Exists(rows) for rows in (*referring, members)]
    return visitors.filter(*nothing, created_at__lt=before).exclude(bound)


def _remove_visitors(visitors: Collection[int], before: int) -> int:
    """Look once more, now that nobody writes."""
    empty = list(_empty(Visitor.objects.filter(pk__in=visitors), before).values_list("pk", flat=True))
    for model in (IdentityRow, VisitorRow):
        model.objects.filter(visitor__in=empty).delete()
    return _remove(Visitor.objects.filter(pk__in=empty))
