"""Which limits have nothing left now, reservations that have run out left aside. Only the taking itself is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.models import PersonUse, Promotion
from personalization.store.redemptions import expired_holds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from personalization.store.coupons import StoredCoupon


def spent_promotions(limits: Mapping[int, int], *, now: int) -> set[int]:
    """Of promotions with these limits, those that nothing is left of."""
    rows = Promotion.objects.filter(pk__in=limits).values_list("pk", "taken") if limits else ()
    return _spent("promotion", [(pk, taken, limits[pk]) for pk, taken in rows], now)


def spent_coupons(coupons: Iterable[StoredCoupon], *, now: int) -> set[int]:
    """Of these coupons, those that nothing is left of."""
    limited = [(one.id, one.taken, one.limit) for one in coupons if one.limit is not None]
    return _spent("coupon", limited, now)


def used_up_promotions(limits: Mapping[int, int], people: Collection[bytes], *, now: int) -> set[int]:
    """Of promotions with these limits for a person, those that one of these people has used up."""
    if not limits or not people:
        return set()
    found = PersonUse.objects.filter(promotion__in=limits, digest__in=people)
    rows = list(found.values_list("promotion", "pk", "taken"))
    full = _spent("uses__use", [(pk, taken, limits[promotion]) for promotion, pk, taken in rows], now)
    empty = {promotion for promotion, limit in limits.items() if limit == 0}
    return empty | {promotion for promotion, pk, _ in rows if pk in full}


def _spent(field: str, taken: Collection[tuple[Any, int, int]], now: int) -> set[int]:
    full = {pk: count - limit for pk, count, limit in taken if count >= limit}
    if not full:
        return set()
    run_out = expired_holds(field, full, now=now)
    return {pk for pk, over in full.items() if run_out.get(pk, 0) <= over}
