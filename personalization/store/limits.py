"""Counters that never pass their limit, however many take from them at once.

Each is taken by one guarded UPDATE, in one order everywhere (the promotion, the coupon, then people by id), so that
two transactions never wait for each other in a circle. The promotion's row comes first also because rows that refer to
it are added afterwards: MariaDB locks what they refer to, together with others, and could not take it alone any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from personalization.engine import ids
from personalization.exceptions import PersonalizationError
from personalization.models import Coupon, PersonUse, Promotion
from personalization.store.bulk import insert_rows
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.db.models import QuerySet

    from personalization.engine.types import Identity


class Counter(StrEnum):
    """Which counter had nothing left; ``changed``: it was edited, paused or revoked since it was read."""

    PROMOTION = "promotion"
    COUPON = "coupon"
    PERSON = "person"
    CHANGED = "changed"


class SpentError(PersonalizationError):
    """A counter has nothing left; the transaction that wanted it must be rolled back."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(f"{counter} has nothing left")
        self.counter = counter


@dataclass(frozen=True, slots=True)
class Counters:
    """What one redemption counts for. ``version``: the promotion's, as it was priced. ``people``: for each identity the
    digests that its use may stand under, the one to write first; ``limit_person``: how often each may."""

    promotion: int
    version: int
    coupon: int | None = None
    people: tuple[tuple[bytes, ...], ...] = ()
    limit_person: int | None = None


def person_digests(identity: Identity, *, tenant: str) -> tuple[bytes, ...]:
    """The digests that an identity's use may stand under: of an address also those under older secret keys."""
    return tuple([use_digest(tenant, int(identity.kind), digest) for digest in identity_digests(identity)])


def use_digest(tenant: str, kind: int, identity_digest: bytes) -> bytes:
    """The digest of an identity's use, from what the table of identities holds."""
    return ids.digest("use", tenant, str(kind), identity_digest.hex())


def take_counters(counters: Counters, *, now: int) -> list[int]:
    """Take one from every counter; the ids of the people's. Raises SpentError; roll back then."""
    _take_promotion(counters)
    if counters.coupon is not None:
        _take_coupon(counters.coupon, counters.promotion, now)
    most = counters.limit_person
    uses = _use_ids(counters.promotion, counters.people)
    for use in uses:
        if not _take(PersonUse.objects.filter(pk=use), Q() if most is None else Q(taken__lt=most)):
            raise SpentError(Counter.PERSON)
    return uses


def give_counters(promotion: int, coupon: int | None, uses: Iterable[int]) -> None:
    """Give one back to every counter that was taken from."""
    _give(Promotion.objects.filter(pk=promotion))
    if coupon is not None:
        _give(Coupon.objects.filter(pk=coupon))
    for use in sorted(uses):
        _give(PersonUse.objects.filter(pk=use))


def remove_uses(digests: Collection[bytes]) -> int:
    """Remove what was counted for these identities, in all promotions; how many rows."""
    return PersonUse.objects.filter(digest__in=list(digests)).delete()[0]


def _take_promotion(counters: Counters) -> None:
    rows = Promotion.objects.filter(pk=counters.promotion)
    unchanged = Q(version=counters.version, state=Promotion.State.RUNNING)
    if not _take(rows, unchanged & _free("limit_total")):
        still = rows.filter(unchanged).select_for_update().exists()
        raise SpentError(Counter.PROMOTION if still else Counter.CHANGED)


def _take_coupon(coupon: int, promotion: int, now: int) -> None:
    rows = Coupon.objects.filter(pk=coupon)
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    usable = Q(promotion=promotion, state=Coupon.State.ACTIVE) & unexpired
    if not _take(rows, usable & _free("limit")):
        still = rows.filter(usable).select_for_update().exists()
        raise SpentError(Counter.COUPON if still else Counter.CHANGED)


def _use_ids(promotion: int, people: Sequence[Sequence[bytes]]) -> list[int]:
    """The counters of these identities, made where there are none yet, in id order."""
    digests = {digest for candidates in people for digest in candidates}
    if not digests:
        return []
    rows = PersonUse.objects.filter(promotion=promotion, digest__in=digests)
    known = _by_digest(rows)
    new = {candidates[0] for candidates in people if known.keys().isdisjoint(candidates)}
    if new:
        values = [(promotion, digest, 0) for digest in sorted(new)]
        insert_rows(PersonUse, ("promotion_id", "digest", "taken"), values, ignore_conflicts=True)
        known = _by_digest(rows.select_for_update())  # past an older snapshot of the caller's transaction
    return sorted({_first(candidates, known) for candidates in people})


def _by_digest(rows: QuerySet[PersonUse]) -> dict[bytes, int]:
    return {bytes(digest): pk for digest, pk in rows.values_list("digest", "pk")}


def _first(candidates: Iterable[bytes], known: dict[bytes, int]) -> int:
    return next(known[digest] for digest in candidates if digest in known)


def _free(limit: str) -> Q:
    return Q(**{limit: None}) | Q(taken__lt=F(limit))


def _take(rows: QuerySet[Any], guard: Q) -> int:
    return rows.filter(guard).update(taken=F("taken") + 1)


def _give(rows: QuerySet[Any]) -> None:
    rows.filter(taken__gt=0).update(taken=F("taken") - 1)
