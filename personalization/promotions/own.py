"""What somebody's own coupons are good for now, whatever lies in the cart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.engine.promotions import RefusalCode
from personalization.engine.rules import Truth, evaluate
from personalization.store.coupons import State
from personalization.store.limits import person_digests
from personalization.store.spent import spent_coupons, spent_promotions, used_up_promotions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from personalization.engine.rules import Facts, Failure
    from personalization.engine.types import Identity
    from personalization.store.live_promotions import LivePromotion, LivePromotions
    from personalization.store.own_coupons import OwnCoupon

#: What the cart and the page decide anew each time.
_OPEN: Final = ("cart.", "context.")


@dataclass(frozen=True, slots=True)
class Judged:
    """``reason`` None: it can be used; ``failures``: the conditions that stand in the way, or that are for the cart."""

    own: OwnCoupon
    reason: RefusalCode | None
    failures: tuple[Failure, ...] = ()


def judge_own(
    coupons: Sequence[OwnCoupon],
    live: LivePromotions,
    facts: Facts,
    *,
    people: Collection[Identity],
    tenant: str,
) -> list[Judged]:
    """Each coupon with what may be said of it to its owner. At most one statement, and more where a limit seems reached."""
    named = {one.coupon.promotion for one in coupons}
    running = {pk: live.promotions[pk] for pk in named if pk in live.promotions}
    spent = spent_coupons([one.coupon for one in coupons], now=facts.now)
    full = _full(coupons, running, people, tenant, facts.now)
    judged = []
    for one in coupons:
        pk = one.coupon.promotion
        reason = _against(one, running.get(pk), facts.now)
        if reason is None:
            reason = RefusalCode.EXHAUSTED if one.coupon.id in spent else full.get(pk)
        judged.append(Judged(one, reason) if reason else _by_rule(one, running[pk], live, facts))
    return judged


def _against(own: OwnCoupon, running: LivePromotion | None, now: int) -> RefusalCode | None:
    if own.coupon.state == State.REVOKED:
        return RefusalCode.REVOKED
    if own.ends_at is not None and own.ends_at <= now:
        return RefusalCode.EXPIRED
    if running is None:
        return RefusalCode.PAUSED
    starts = running.promotion.starts_at
    return RefusalCode.NOT_STARTED if starts is not None and now < starts else None


def _full(
    coupons: Sequence[OwnCoupon],
    running: dict[int, LivePromotion],
    people: Collection[Identity],
    tenant: str,
    now: int,
) -> dict[int, RefusalCode]:
    """Promotions of which nothing is left, or nothing for these people."""
    taken = {one.coupon.promotion: one.promotion_taken for one in coupons}
    seem_full = {
        pk: one.limit_total
        for pk, one in running.items()
        if one.limit_total is not None and taken[pk] >= one.limit_total
    }
    most = {pk: one.limit_person for pk, one in running.items() if one.limit_person is not None}
    digests = {digest for one in people for digest in person_digests(one, tenant=tenant)}
    used = dict.fromkeys(used_up_promotions(most, digests, now=now), RefusalCode.USED_UP_BY_PERSON)
    return used | dict.fromkeys(spent_promotions(seem_full, now=now), RefusalCode.EXHAUSTED)


def _by_rule(own: OwnCoupon, running: LivePromotion, live: LivePromotions, facts: Facts) -> Judged:
    rule = running.promotion.rule
    if rule is None:
        return Judged(own, None)
    verdict = evaluate(rule, facts, live.segments)
    open_ = tuple([one for one in verdict.failures if one.kind.startswith(_OPEN)])
    if not verdict.failures or (verdict.truth is Truth.UNKNOWN and open_):
        return Judged(own, None, open_)
    closed = tuple([one for one in verdict.failures if not one.kind.startswith(_OPEN)])
    return Judged(own, RefusalCode.CONDITION_FAILED, closed or open_)
