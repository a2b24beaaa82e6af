"""Whose coupons are whose: a person's, in whichever browser they were given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.models import Coupon, Promotion
from personalization.store.coupons import stored_coupon
from personalization.store.people import members_of
from personalization.store.promotion_content import micros

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.engine.types import Identity
    from personalization.store.coupons import StoredCoupon

#: How many coupons of a person are read, the newest first.
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class OwnCoupon:
    """A coupon of somebody's own. ``promotion_taken``: how often its promotion is used; ``ends_at``: when it or its
    promotion is over, UTC microseconds, None without end."""

    coupon: StoredCoupon
    title: str
    promotion_taken: int
    ends_at: int | None


def owners_among(visitors: Collection[int], people: Collection[Identity], *, tenant: str) -> set[int]:
    """Those of these visitors who are one of these people, in one statement."""
    if not visitors or not people:
        return set()
    return set(members_of(people, tenant=tenant).filter(pk__in=visitors).values_list("pk", flat=True))


def own_coupons(people: Collection[Identity], *, tenant: str) -> list[OwnCoupon]:
    """The coupons of these people, in one statement; those of a promotion that is a draft or archived are left out."""
    if not people:
        return []
    owners = members_of(people, tenant=tenant).values("pk")
    rows = Coupon.objects.filter(tenant=tenant, owner__in=owners).select_related("promotion")
    shown = rows.exclude(promotion__state__in=[Promotion.State.DRAFT, Promotion.State.ARCHIVED])
    return [_own(row) for row in shown.order_by("-pk")[:MOST]]


def _own(row: Coupon) -> OwnCoupon:
    ends = [one for one in (micros(row.expires_at), micros(row.promotion.ends_at)) if one is not None]
    return OwnCoupon(stored_coupon(row), row.promotion.title, row.promotion.taken, min(ends, default=None))
