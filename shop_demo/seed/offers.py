"""What the demo offers: a promotion that applies by itself, one by a code that everybody knows, and a banner for it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_noop as _

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.engine.rules import default_vocabulary
from personalization.promotions.issue import issue
from personalization.store.campaign_content import CampaignContent
from personalization.store.campaign_content import State as CampaignState
from personalization.store.campaigns import CAMPAIGNS
from personalization.store.coupons import NewCoupons, find_coupons, normalize_code
from personalization.store.promotion_content import PromotionContent, State
from personalization.store.promotions import PROMOTIONS

if TYPE_CHECKING:
    from datetime import datetime

CODE: Final = "TENT10"
AUTHOR: Final = "demo"

_BOUGHT_A_BAG = {
    "kind": "visitor.bought_category",
    "op": "any_of",
    "values": ["Sleeping bags & mats"],
    "days": 365,
}
_TENTS = {"kind": "item.category", "op": "any_of", "values": ["Tents"]}


def _from(amount: str, currency: str) -> str:
    return json.dumps({"kind": "cart.subtotal", "op": "at_least", "value": amount, "currency": currency})


TENTS: Final = PromotionContent(
    title=_("10 % off tents if you bought a sleeping bag or mat in the last year, at most 20.00 EUR"),
    benefit=PercentOff(Decimal(10), cap=Decimal(20)),
    currency="EUR",
    state=State.RUNNING,
    rule=json.dumps(_BOUGHT_A_BAG),
    targets=json.dumps(_TENTS),
    needs_code=True,
)
BIG_CARTS: Final = PromotionContent(
    title=_("5.00 EUR off from 150.00 EUR"),
    benefit=AmountOff(Decimal(5)),
    currency="EUR",
    state=State.RUNNING,
    rule=_from("150.00", "EUR"),
)
BIG_CARTS_IN_CHINA: Final = replace(
    BIG_CARTS,
    title=_("50.00 CNY off from 1,500.00 CNY"),
    benefit=AmountOff(Decimal(50)),
    currency="CNY",
    rule=_from("1500.00", "CNY"),
)
BANNER: Final = CampaignContent(
    title="Tents for people with a sleeping bag",
    slot="home_banner",
    state=CampaignState.ACTIVE,
    rule=json.dumps(_BOUGHT_A_BAG),
    headline="Your sleeping bag is waiting for a tent",
    text="You have what keeps you warm. Here is something off what keeps you dry.",
    link="/products/?category=tents",
)


def write_offers(*, at: datetime) -> bool:
    """Save them, and issue the code that the banner names; False when the code is there already."""
    now = int(at.timestamp() * 1_000_000)
    kinds = default_vocabulary()
    if find_coupons([normalize_code(CODE)], tenant=""):
        return False
    tents = PROMOTIONS.save(TENTS, vocabulary=kinds, author=AUTHOR, now=now)
    for big_carts in (BIG_CARTS, BIG_CARTS_IN_CHINA):
        PROMOTIONS.save(big_carts, vocabulary=kinds, author=AUTHOR, now=now)
    CAMPAIGNS.save(replace(BANNER, promotion=tents.id), vocabulary=kinds, author=AUTHOR, now=now)
    return issue(CODE, NewCoupons(tents.id, limit=None), now=now)
