"""Coupons of their own for the people one may sign in as: one that can be used, one that asks for more, one that is over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import User
from django.utils.translation import gettext_noop as _

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.engine.rules import default_vocabulary
from personalization.engine.types import IdentityKind
from personalization.promotions.issue import issue
from personalization.store.coupons import NewCoupons, find_coupons, normalize_code
from personalization.store.promotion_content import PromotionContent, State
from personalization.store.promotions import PROMOTIONS
from personalization.store.visitors import ensure_visitors
from shop_demo.seed.offers import AUTHOR
from shop_demo.seed.people import PERSONAS
from shop_demo.stores import CHINA, EUROPE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def _rule(**condition: object) -> str:
    return json.dumps(condition)


_BOUGHT_BOATS = {
    "kind": "visitor.bought_category",
    "op": "any_of",
    "values": ["Paddling & water"],
    "days": 365,
}

THANKS: Final = PromotionContent(
    title=_("10.00 EUR off from 100.00 EUR, to thank you for the year"),
    benefit=AmountOff(Decimal(10)),
    currency="EUR",
    state=State.RUNNING,
    rule=_rule(kind="cart.subtotal", op="at_least", value="100.00", currency="EUR"),
    needs_code=True,
)
PADDLERS: Final = PromotionContent(
    title=_("15 % off everything for people who paddle, at most 30.00 EUR"),
    benefit=PercentOff(Decimal(15), cap=Decimal(30)),
    currency="EUR",
    state=State.RUNNING,
    rule=json.dumps(_BOUGHT_BOATS),
    needs_code=True,
)
WEEKEND: Final = PromotionContent(
    title=_("10 % off everything on a weekend, at most 25.00 EUR"),
    benefit=PercentOff(Decimal(10), cap=Decimal(25)),
    currency="EUR",
    state=State.RUNNING,
    needs_code=True,
)
#: By store, what its people get, and for how many days from now.
COUPONS: Final = {
    EUROPE.code: (("THANKS", THANKS, 45), ("PADDLE", PADDLERS, 30), ("WEEKEND", WEEKEND, -12)),
    CHINA.code: (
        (
            "THANKS",
            replace(
                THANKS,
                title=_("80.00 CNY off from 800.00 CNY, to thank you for the year"),
                benefit=AmountOff(Decimal(80)),
                currency="CNY",
                rule=_rule(kind="cart.subtotal", op="at_least", value="800.00", currency="CNY"),
            ),
            45,
        ),
        (
            "PADDLE",
            replace(
                PADDLERS,
                title=_("15 % off everything for people who paddle, at most 240.00 CNY"),
                benefit=PercentOff(Decimal(15), cap=Decimal(240)),
                currency="CNY",
            ),
            30,
        ),
    ),
}


def write_coupons(*, at: datetime) -> int:
    """Give them out; how many are new. Those that were given before are left as they are."""
    return sum(_write(store, offers, at) for store, offers in COUPONS.items())


def _write(store: str, offers: Iterable[tuple[str, PromotionContent, int]], at: datetime) -> int:
    now = int(at.timestamp() * 1_000_000)
    names = [one.shopper.username for one in PERSONAS if one.shopper.store == store]
    users = {
        str(pk): name for name, pk in User.objects.filter(username__in=names).values_list("username", "pk")
    }
    visitors = ensure_visitors(IdentityKind.USER, users, tenant="", now=now)
    given = 0
    for word, content, days in offers:
        codes = {f"{word}-{name.upper()}": visitors[key] for key, name in users.items()}
        known = find_coupons([normalize_code(code) for code in codes], tenant="")
        fresh = {code: owner for code, owner in codes.items() if normalize_code(code) not in known}
        if fresh:
            promotion = PROMOTIONS.save(content, vocabulary=default_vocabulary(), author=AUTHOR, now=now).id
            ends = int((at + timedelta(days=days)).timestamp() * 1_000_000)
            for code, owner in fresh.items():
                given += issue(code, NewCoupons(promotion, owner=owner, expires_at=ends), now=now)
    return given
