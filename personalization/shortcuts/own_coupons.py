"""The shopper's own coupons, and what each of them is good for now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from personalization.adapters import Page, get_adapter
from personalization.conf import settings
from personalization.engine.instants import from_micros
from personalization.engine.promotions import RefusalCode
from personalization.engine.rules import Facts
from personalization.identity.owner import find_owner
from personalization.promotions.own import judge_own
from personalization.registry import get_vocabulary
from personalization.shortcuts.actor import as_django, instant
from personalization.shortcuts.offer_request import facts_of_visitor, needed_facts
from personalization.shortcuts.offer_words import reason_text, refusal_text
from personalization.store.live_promotions import live_promotions
from personalization.store.own_coupons import own_coupons

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from personalization.promotions.own import Judged
    from personalization.store.live_promotions import LivePromotions

#: What a coupon is that can be used.
USABLE: Final = "usable"


@dataclass(frozen=True, slots=True)
class MyCoupon:
    """A coupon of the shopper's own.

    ``state``: ``usable``, or the reason why it cannot be used; ``text``: that as a sentence, of a usable one what it asks
    of the cart, '' when nothing; ``ends_at``: None without end.
    """

    code: str
    title: str
    state: str
    text: str
    ends_at: datetime | None

    @property
    def usable(self) -> bool:
        """Whether it can be used with a cart that fits."""
        return self.state == USABLE


def my_coupons(request: HttpRequest, *, now: int | None = None) -> tuple[MyCoupon, ...]:
    """The coupons that were given to whoever is signed in, or to this browser: those that can be used first, then the
    newest. Raises whatever the database raises."""
    asked: HttpRequest = as_django(request)  # type: ignore[assignment]  # a request stays one
    adapter, at = get_adapter(), instant(now)
    tenant = adapter.tenant(asked)
    owner = find_owner(asked, tenant=tenant)
    coupons = [] if owner is None else own_coupons([owner], tenant=tenant)
    if owner is None or not coupons:
        return ()
    live = live_promotions(tenant, vocabulary=get_vocabulary())
    promotions = {one.coupon.promotion for one in coupons}
    names = needed_facts(live, [live.promotions[pk] for pk in promotions if pk in live.promotions])
    values = facts_of_visitor(asked, Page(tenant, adapter.store(asked)), owner, names, at)
    facts = Facts(values, at, settings.time_zone)
    judged = judge_own(coupons, live, facts, people=[owner], tenant=tenant)
    return tuple(sorted([_mine(one, live) for one in judged], key=lambda one: not one.usable))


def _mine(judged: Judged, live: LivePromotions) -> MyCoupon:
    own, zone = judged.own, ZoneInfo(settings.time_zone)
    ends = None if own.ends_at is None else from_micros(own.ends_at).astimezone(zone)
    return MyCoupon(own.coupon.code, own.title, judged.reason or USABLE, _text(judged, live), ends)


def _text(judged: Judged, live: LivePromotions) -> str:
    running = live.promotions.get(judged.own.coupon.promotion)
    if running is not None and judged.failures:
        return refusal_text(RefusalCode.CONDITION_FAILED, judged.failures, running.promotion)
    coupon = judged.own.coupon
    if judged.reason == RefusalCode.EXHAUSTED and coupon.limit is not None and coupon.taken >= coupon.limit:
        return gettext("You have used it.")
    return reason_text(judged.reason) if judged.reason else ""
