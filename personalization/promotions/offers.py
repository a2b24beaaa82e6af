"""Which promotions a cart may get at all: the automatic ones, and those that its codes unlock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from personalization.engine.promotions import RefusalCode
from personalization.promotions.result import Refused
from personalization.store.coupons import State, find_coupons
from personalization.store.limits import person_digests
from personalization.store.own_coupons import owners_among
from personalization.store.spent import spent_coupons, spent_promotions, used_up_promotions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from personalization.engine.promotions import Promotion
    from personalization.engine.rules import Facts
    from personalization.promotions.request import Request
    from personalization.store.coupons import StoredCoupon
    from personalization.store.live_promotions import LivePromotion, LivePromotions


@dataclass(frozen=True, slots=True)
class Offers:
    """``promotions``: what the engine chooses from; ``refused``: codes that unlock nothing; ``typed``: compared → typed
    code; ``coupons``: by compared code; ``owned``: the codes of coupons that are the shopper's own; ``limit_person``: by
    promotion."""

    promotions: tuple[Promotion, ...]
    refused: tuple[Refused, ...]
    typed: Mapping[str, str]
    coupons: Mapping[str, StoredCoupon]
    owned: frozenset[str]
    limit_person: Mapping[int, int | None]


def find_offers(request: Request, live: LivePromotions, facts: Facts, *, now: int) -> Offers:
    """What is running, unlocked and not used up. At most four statements, and up to three more where limits seem reached,
    however many promotions there are."""
    typed = request.typed()
    coupons = find_coupons(set(typed) - {""}, tenant=request.tenant)
    owned = frozenset(_owned(request, coupons))
    automatic = live.automatic(facts)
    unlocked = {
        code: live.promotions[coupon.promotion]
        for code, coupon in coupons.items()
        if coupon.promotion in live.promotions
    }
    looked_at = [*automatic, *unlocked.values()]
    used_up = _used_up(request, looked_at, now)
    spent = spent_coupons(coupons.values(), now=now)
    offered: dict[str, Promotion] = {}
    refused = []
    for code, text in typed.items():
        coupon = coupons.get(code)
        reason = _against(coupon, live, owned=code in owned, now=now)
        if reason is None and coupon is not None:
            reason = used_up.get(coupon.promotion) or (RefusalCode.EXHAUSTED if coupon.id in spent else None)
        if reason is None:
            offered[code] = replace(unlocked[code].promotion, code=code)
        else:
            refused.append(_refused(text, reason, coupon, owned=code in owned))
    plain = [one.promotion for one in automatic if one.promotion.id not in used_up]
    limit_person = {one.promotion.id: one.limit_person for one in looked_at}
    return Offers((*plain, *offered.values()), tuple(refused), typed, coupons, owned, limit_person)


def _owned(request: Request, coupons: Mapping[str, StoredCoupon]) -> list[str]:
    """The codes whose owner is the shopper, in whichever browser."""
    owners = {code: coupon.owner for code, coupon in coupons.items() if coupon.owner is not None}
    mine = owners_among(set(owners.values()), request.people, tenant=request.tenant)
    return [code for code, owner in owners.items() if owner in mine]


def _used_up(request: Request, candidates: Iterable[LivePromotion], now: int) -> dict[int, RefusalCode]:
    """Promotions of which nothing is left, or nothing for this person."""
    by_id = {one.promotion.id: one for one in candidates}
    totals = {pk: one.limit_total for pk, one in by_id.items() if one.limit_total is not None}
    most = {pk: one.limit_person for pk, one in by_id.items() if one.limit_person is not None}
    people = {digest for one in request.people for digest in person_digests(one, tenant=request.tenant)}
    if people:
        used = dict.fromkeys(used_up_promotions(most, people, now=now), RefusalCode.USED_UP_BY_PERSON)
    else:  # a limit for each person holds for nobody who cannot be counted
        used = dict.fromkeys(most, RefusalCode.PERSON_UNKNOWN)
    return used | dict.fromkeys(spent_promotions(totals, now=now), RefusalCode.EXHAUSTED)


def _against(
    coupon: StoredCoupon | None, live: LivePromotions, *, owned: bool, now: int
) -> RefusalCode | None:
    """What is wrong with a code, whatever the cart: with its coupon, or with the promotion that it would unlock."""
    if coupon is None:
        return RefusalCode.UNKNOWN
    if coupon.state == State.REVOKED:
        return RefusalCode.REVOKED
    if coupon.owned and not owned:
        return RefusalCode.NOT_YOURS
    if coupon.expires_at is not None and coupon.expires_at <= now:
        return RefusalCode.EXPIRED
    if coupon.promotion in live.promotions:
        return None
    broken = any(one.kind == "promotion" and one.id == coupon.promotion for one in live.invalid)
    return RefusalCode.INVALID_RULE if broken else RefusalCode.PAUSED


def _refused(text: str, reason: RefusalCode, coupon: StoredCoupon | None, *, owned: bool) -> Refused:
    """Whoever owns the coupon is told the truth; anybody else what is said of any text. That it needs to be known who
    asks may be said: without that limit the discount itself would say that there is such a code."""
    told = reason if owned or reason == RefusalCode.PERSON_UNKNOWN else RefusalCode.UNKNOWN
    return Refused(text, told, reason, promotion=None if coupon is None else coupon.promotion)
