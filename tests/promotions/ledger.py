"""A ledger to try things on, and what its counters must say."""

from __future__ import annotations

from collections import Counter as Tally
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from personalization.engine import ids
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Coupon, PersonUse, Promotion, Redemption
from personalization.promotions.hold import hold
from personalization.store.limits import Counters, person_digests
from personalization.store.redemptions import NewEntry

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.store.limits import Counter
    from personalization.store.redemptions import Entry

NOW = 1_700_000_000_000_000
MINUTE = 60_000_000
ANN = Identity(IdentityKind.USER, "ann")
ANNS_MAIL = Identity(IdentityKind.EMAIL, "ann@example.com")


def running(**columns: Any) -> Promotion:
    """A promotion that runs: 10 % off in EUR for everyone."""
    usual = {
        "title": "Autumn",
        "state": Promotion.State.RUNNING,
        "benefit": Promotion.Benefit.PERCENT,
        "percent": Decimal(10),
        "currency": "EUR",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Promotion.objects.create(**(usual | columns))


def coupon_of(promotion: Promotion, code: str = "SAVE10", **columns: Any) -> Coupon:
    usual = {"code": code, "digest": ids.digest(code.casefold()), "created_at": NOW}
    return Coupon.objects.create(promotion=promotion, **(usual | columns))


def held(
    key: str,
    promotion: int,
    *,
    coupon: int | None = None,
    people: Collection[Identity] = (),
    limit_person: int | None = None,
    tenant: str = "",
    now: int = NOW,
    minutes: int = 15,
) -> Entry | Counter:
    """A use of 1.00 EUR, held for some minutes."""
    new = NewEntry(
        key=key,
        request=ids.digest("the same"),
        counters=Counters(
            promotion,
            1,
            coupon,
            tuple([person_digests(one, tenant=tenant) for one in people]),
            limit_person=limit_person,
        ),
        amount=Decimal(1),
        currency="EUR",
        shares="[]",
        reserved_until=now + minutes * MINUTE,
    )
    return hold(new, people=people, tenant=tenant, now=now)


def counts_agree() -> bool:
    """Whether every counter says what the ledger says, and none more than its limit."""
    holding = Redemption.objects.filter(state__in=[Redemption.State.RESERVED, Redemption.State.REDEEMED])
    promotions = Tally(holding.values_list("promotion", flat=True))
    coupons = Tally(holding.exclude(coupon=None).values_list("coupon", flat=True))
    people = Tally(holding.exclude(uses=None).values_list("uses__use", flat=True))
    taken = [
        (model, dict(model.objects.values_list("pk", "taken"))) for model in (Promotion, Coupon, PersonUse)
    ]
    over = (
        Promotion.objects.filter(Q(taken__gt=F("limit_total"))),
        Coupon.objects.filter(taken__gt=F("limit")),
    )
    return not any(rows.exists() for rows in over) and all(
        count == tally[pk]
        for (_, counts), tally in zip(taken, (promotions, coupons, people), strict=True)
        for pk, count in counts.items()
    )
