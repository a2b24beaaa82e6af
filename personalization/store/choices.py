"""What people chose: written on the visitor that stands for the person, and seen by every answer from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import router
from django.db.models import F

from personalization.engine.instants import from_micros
from personalization.models import Visitor
from personalization.store.removal import PEOPLE
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction
from personalization.store.visitor_rows import forget_visitor_rows

if TYPE_CHECKING:
    from collections.abc import Collection

Choice = Visitor.Choice

_NEW_ANSWERS: Final = F("epoch") + 1


def record_choice(people: Collection[int], choice: Choice, *, now: int) -> None:
    """Write down what the people of these visitors chose; what was cached for them is no longer shown.

    What was worked out for somebody who refuses is removed, after the choice holds: a build that is being written asks
    for it.
    """

    def write() -> None:
        rows = Visitor.objects.filter(pk__in=people)
        rows.update(choice=choice, chosen_at=from_micros(now), epoch=_NEW_ANSWERS)
        bump_stamp(PEOPLE, tenant="")

    if people:
        in_transaction(write, using=router.db_for_write(Visitor))
    if people and choice == Choice.REFUSED:
        forget_visitor_rows(people)


def renew_answers(people: Collection[int]) -> None:
    """What was cached for these people is no longer shown."""
    Visitor.objects.filter(pk__in=people).update(epoch=_NEW_ANSWERS)


def has_refused(visitor: int) -> bool:
    """Whether this visitor refused to be known."""
    return Visitor.objects.filter(pk=visitor, choice=Choice.REFUSED).exists()
