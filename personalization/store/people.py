"""Which visitors are one person. Events are never rewritten: a visitor names its person, or stops doing so.

``Visitor.person`` is empty until a login tells whose the browser is. A visitor that was separated again names itself:
it is its own person for good, and no later login joins it to anybody.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import router
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet

from personalization.engine.instants import to_micros
from personalization.models import Identity as IdentityRow
from personalization.models import Visitor
from personalization.store.bulk import batches
from personalization.store.transaction import in_transaction
from personalization.store.visitor_rows import forget_visitor_rows
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.engine.types import Identity

Choice = Visitor.Choice

_LOOKUP: Final = 500
_NEW_ANSWERS: Final = F("epoch") + 1


def free_since(visitor: int) -> int | None:
    """When a visitor was first seen that may still be joined to a person (UTC microseconds); None for one that has a
    person, or is the person of others."""
    others = Visitor.objects.filter(person=OuterRef("pk"))
    rows = _willing().filter(~Exists(others), pk=visitor, person=None)
    first_seen = rows.values_list("created_at", flat=True).first()
    return None if first_seen is None else to_micros(first_seen)


def join_visitor(visitor: int, *, person: int) -> bool:
    """Make a free visitor one of this person's; False, and nothing of it, when it is no longer free, when the person
    stands for nobody, or when either of them refused. Safe when two processes do the same."""
    return visitor != person and in_transaction(partial(_join, visitor, person), using=people_database())


def separate_visitor(visitor: int) -> bool:
    """Take a visitor out of the person that it was joined to; False when there is none."""
    joined = Visitor.objects.filter(pk=visitor, person__isnull=False).exclude(person=visitor)
    person = joined.values_list("person", flat=True).first()
    return person is not None and in_transaction(partial(_separate, visitor, person), using=people_database())


def refused_visitors(visitors: Collection[int]) -> set[int]:
    """Those visitors whose person refused to be known."""
    choices = Visitor.objects.annotate(said=Coalesce("person__choice", "choice")).filter(said=Choice.REFUSED)
    return {
        pk
        for batch in batches(visitors, _LOOKUP)
        for pk in choices.filter(pk__in=batch).values_list("pk", flat=True)
    }


def family_of(identity: Identity, *, tenant: str) -> set[int]:
    """The visitor of an identity, and the one that stands for its person; empty when nothing is known."""
    rows = IdentityRow.objects.filter(
        tenant=tenant, kind=identity.kind, digest__in=identity_digests(identity)
    )
    found = rows.values_list("visitor_id", Coalesce("visitor__person_id", "visitor_id")).first()
    return set(found or ())


def members_of(people: Collection[Identity], *, tenant: str) -> QuerySet[Visitor]:
    """The visitors of these identities, of one at least, and all that are the same person."""
    named = Q()
    for one in people:
        named |= Q(kind=one.kind, digest__in=identity_digests(one))
    theirs = IdentityRow.objects.filter(named, tenant=tenant)
    persons = theirs.values_list(Coalesce("visitor__person_id", "visitor_id"))
    stands = Visitor.objects.annotate(stands_for=Coalesce("person_id", "pk"))
    return stands.filter(Q(stands_for__in=persons) | Q(pk__in=theirs.values("visitor_id")))


def people_database() -> str:
    """Where visitors are written."""
    return router.db_for_write(Visitor)


def _willing() -> QuerySet[Visitor]:
    return Visitor.objects.exclude(choice=Choice.REFUSED)


def _join(visitor: int, person: int) -> bool:
    # The person's row first, here and below: whoever changes both waits there, and nobody waits in a circle.
    root = Q(person=None) | Q(person=F("pk"))
    if not _willing().filter(root, pk=person).update(epoch=_NEW_ANSWERS):
        return False
    if not _willing().filter(pk=visitor, person=None).update(person=person, epoch=_NEW_ANSWERS):
        return False
    _hand_over_choice(visitor, person)
    return True


def _hand_over_choice(visitor: int, person: int) -> None:
    """Who agreed before signing in has agreed; a choice of the person's own is not touched."""
    choice, chosen_at = Visitor.objects.values_list("choice", "chosen_at").get(pk=visitor)
    if choice == Choice.AGREED:
        undecided = Visitor.objects.filter(pk=person, choice=Choice.NONE)
        undecided.update(choice=choice, chosen_at=chosen_at)


def _separate(visitor: int, person: int) -> bool:
    Visitor.objects.filter(pk=person).update(epoch=_NEW_ANSWERS)
    forget_visitor_rows([person])  # they know what the other did
    return bool(Visitor.objects.filter(pk=visitor, person=person).update(person=visitor, epoch=_NEW_ANSWERS))
