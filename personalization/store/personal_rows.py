"""Which rows are about people, and how they go: a few thousand in a transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import router
from django.db.models import Q
from django.db.models.functions import Coalesce

from personalization.engine import ids
from personalization.engine.types import IdentityKind, Mode
from personalization.models import (
    Answer,
    CampaignView,
    Coupon,
    Event,
    Rating,
    Redemption,
    ViewedItem,
    Visitor,
    VisitorRow,
)
from personalization.models import Identity as IdentityRow
from personalization.store.bulk import batches
from personalization.store.limits import remove_uses, use_digest
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import Model

#: How many rows go in one transaction.
BATCH: Final = 5_000
#: How many visitors of one person go in one transaction.
VISITORS: Final = 200

#: Every table with rows of a visitor, and what they are called in counts. A test fails when a model gains a way to a
#: visitor that does not stand here.
OF_VISITORS: Final[dict[str, type[Any]]] = {
    "events": Event,
    "ratings": Rating,
    "view_history": ViewedItem,
    "campaign_views": CampaignView,
    "prepared_lists": VisitorRow,
}
TABLES: Final = tuple(OF_VISITORS)

#: What stays when its person goes, because it is about money: the model, and its column with the visitor.
OUTLIVING: Final[dict[str, tuple[type[Any], str]]] = {
    "redemptions": (Redemption, "visitor"),
    "coupons": (Coupon, "owner"),
}


def person_of(visitor: int) -> int | None:
    """The visitor that stands for the person of this one; None when there is no such row."""
    rows = Visitor.objects.filter(pk=visitor)
    return rows.values_list(Coalesce("person_id", "pk"), flat=True).first()


def visitors_of(person: int) -> list[int]:
    """The visitors of a person, the one that stands for it last; empty when there is no such row."""
    if not Visitor.objects.filter(pk=person).exists():
        return []
    found, newest = {person}, {person}
    while newest:
        members = Visitor.objects.filter(person__in=newest).values_list("pk", flat=True)
        newest = set(members) - found
        found |= newest
    return [*sorted(found - {person}), person]


def remove_rows(table: str, visitors: Collection[int]) -> dict[str, int]:
    """Remove up to BATCH rows of these visitors in a transaction; how many went, by kind of row."""
    work = partial(_remove_rows, table, visitors)
    return in_transaction(work, using=router.db_for_write(OF_VISITORS[table]))


def count_rows(visitors: Collection[int]) -> dict[str, int]:
    """How many rows there are of these visitors, by table."""
    removed = {table: (model, "visitor") for table, model in OF_VISITORS.items()}
    return {
        table: sum(
            model.objects.filter(**{f"{owner}__in": batch}).count() for batch in batches(visitors, VISITORS)
        )
        for table, (model, owner) in (removed | OUTLIVING).items()
    }


def detach_rows(visitors: Collection[int]) -> None:
    """Take these visitors off what outlives them, and remove what was counted for their identities."""
    for batch in batches(visitors, VISITORS):
        for model, owner in OUTLIVING.values():
            model.objects.filter(**{f"{owner}__in": batch}).update(**{owner: None})
        identities = IdentityRow.objects.filter(visitor__in=batch).values_list("tenant", "kind", "digest")
        remove_uses([use_digest(tenant, kind, bytes(digest)) for tenant, kind, digest in identities])


def remove_visitors(visitors: Collection[int]) -> dict[str, int]:
    """Remove visitors that have no rows but identities."""
    identities, _ = IdentityRow.objects.filter(visitor__in=visitors).delete()
    return {"identities": identities, "visitors": _delete(Visitor, visitors)}


def strip_refusal(person: int, visitors: Collection[int]) -> int:
    """Of somebody who refused, keep only that: the digests of the keys, so that the refusal holds, without the keys.

    What the person is known by beyond this browser or that is handed to the one visitor that stays.
    """
    kept = Q(visitor=person) | Q(visitor__in=visitors) & ~Q(kind=IdentityKind.VISITOR)
    return IdentityRow.objects.filter(kept).update(visitor=person, key="")


def _remove_rows(table: str, visitors: Collection[int]) -> dict[str, int]:
    rows: Any = OF_VISITORS[table].objects
    some = list(visitors)
    chosen = list(rows.filter(visitor__in=some).values_list("pk", flat=True)[:BATCH])
    if not chosen:
        return {}
    answers = _remove_answers(chosen) if table == "events" else 0
    removed = _delete(OF_VISITORS[table], chosen)
    return {table: removed} | ({"answers": answers} if answers else {})


def _remove_answers(events: Collection[int]) -> int:
    """What was shown to the person alone goes with the events that name it."""
    shown = Event.objects.filter(pk__in=events).exclude(recommendation="")
    digests = {ids.digest(tenant, key) for tenant, key in shown.values_list("tenant", "recommendation")}
    return sum(
        Answer.objects.filter(digest__in=batch, mode=Mode.PERSONALIZED).delete()[0]
        for batch in batches(digests, VISITORS)
    )


def _delete(model: type[Model], pks: Collection[int]) -> int:
    removed: int = model._default_manager.filter(pk__in=pks).delete()[0]
    return removed
