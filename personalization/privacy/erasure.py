"""Somebody wants to be forgotten: everything that is known of the person goes, and does not come back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from personalization.exceptions import PersonalizationError
from personalization.privacy.standing import standing_of
from personalization.store.bulk import batches
from personalization.store.choices import has_refused, renew_answers
from personalization.store.erasures import (
    note_erasures,
    risen_visitors,
    tombstones_of,
    tombstones_of_visitors,
)
from personalization.store.limits import person_digests, remove_uses
from personalization.store.personal_rows import (
    BATCH,
    TABLES,
    VISITORS,
    count_rows,
    detach_rows,
    person_of,
    remove_rows,
    remove_visitors,
    strip_refusal,
    visitors_of,
)
from personalization.store.removal import alone_with_people

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from personalization.engine.types import Identity
    from personalization.store.erasures import Tombstone

#: How many entries of a list go in one transaction.
_NOTED: Final = 500
#: How often rows may turn up again that somebody wrote past our lock.
_SWEEPS: Final = 3


class NotErasedError(PersonalizationError):
    """Rows of an erased person are still being written."""


@dataclass(frozen=True, slots=True)
class Erased:
    """``people``: how many were known; ``removed``: rows by kind; ``refusals``: people who had refused, of whom just
    that is kept."""

    people: int
    removed: Mapping[str, int]
    refusals: int


def erase(identities: Collection[Identity], *, tenant: str = "", now: int) -> Erased:
    """Forget the people whom these identities name, in all their browsers and under all their keys.

    What happened to them before ``now`` (UTC microseconds) is not stored again, however late it comes; identities that
    nothing is known of are noted for that too. What is about money stays, and names nobody. Rows go in small transactions; a call that was interrupted is finished
    by calling again. Inside a transaction of the caller it is all one.
    """
    return _erase(identities, (), tenant=tenant, now=now)


def erase_visitor(visitor: int, *, now: int) -> Erased:
    """The same for the person of a visitor, who may have no identity."""
    return _erase((), [visitor], tenant="", now=now)


def erase_again(tombstones: Collection[Tombstone]) -> Erased:
    """Forget everybody on a list who came back with a restored backup."""
    for some in batches(tombstones, _NOTED):
        alone_with_people(partial(note_erasures, some))
    removed: Counter[str] = Counter()
    people: dict[int, int] = {}
    for visitor, erased_at in list(risen_visitors()):
        person = person_of(visitor)
        if person is not None and person not in people:
            people[person] = _forget(person, removed, now=erased_at)
    return Erased(len(people), dict(removed), sum(people.values()))


def _erase(identities: Collection[Identity], visitors: Collection[int], *, tenant: str, now: int) -> Erased:
    people = alone_with_people(partial(_begin, identities, visitors, tenant, now))
    removed: Counter[str] = Counter()
    refusals = sum(_forget(person, removed, now=now) for person in people)
    return Erased(len(people), dict(removed), refusals)


def _begin(identities: Collection[Identity], visitors: Collection[int], tenant: str, now: int) -> list[int]:
    """Bar what comes late before anything goes; who the people are."""
    named = (standing_of(identity, tenant=tenant).visitor for identity in identities)
    found = {person_of(visitor) for visitor in (*visitors, *named) if visitor is not None}
    people = sorted(person for person in found if person is not None)
    note_erasures(tombstones_of(identities, tenant=tenant, now=now))
    remove_uses([digest for identity in identities for digest in person_digests(identity, tenant=tenant)])
    for person in people:
        note_erasures(tombstones_of_visitors(visitors_of(person), now=now))
    renew_answers(people)
    return people


def _forget(person: int, removed: Counter[str], *, now: int) -> bool:
    """Remove a person, visitor after visitor, the one that stands for the person last. Whether a refusal stays."""
    gone: set[int] = set()
    while visitors := visitors_of(person):
        some = visitors[:-1][:VISITORS] or visitors
        gone.update(some)
        _remove_rows(some, removed)
        rows, done = alone_with_people(partial(_finish, person, some, now))
        removed.update(rows)
        if done and person in some:
            break
    _sweep(gone, removed)
    return has_refused(person)


def _finish(person: int, visitors: list[int], now: int) -> tuple[Counter[str], bool]:
    """Remove visitors with what was written meanwhile; False when there is too much of that, or a new visitor."""
    removed: Counter[str] = Counter()
    for table in TABLES:
        rows = remove_rows(table, visitors)
        removed.update(rows)
        if rows.get(table) == BATCH:
            return removed, False
    if person in visitors and visitors_of(person) != [person]:
        return removed, False
    note_erasures(tombstones_of_visitors(visitors, now=now))
    detach_rows(visitors)
    if has_refused(person):
        strip_refusal(person, visitors)
        visitors = [visitor for visitor in visitors if visitor != person]
    removed.update(remove_visitors(visitors))
    return removed, True


def _sweep(visitors: Collection[int], removed: Counter[str]) -> None:
    """Look whether anything is left, and remove what was written past our lock."""
    for _ in range(_SWEEPS):
        if not any(count_rows(visitors).values()):
            return
        _remove_rows(visitors, removed)
        detach_rows(visitors)
    if left := sum(count_rows(visitors).values()):
        raise NotErasedError(f"{left} rows were written meanwhile; erase again")


def _remove_rows(visitors: Collection[int], removed: Counter[str]) -> None:
    for table in TABLES:
        while rows := remove_rows(table, visitors):
            removed.update(rows)
