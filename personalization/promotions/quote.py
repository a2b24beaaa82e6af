"""What a cart would get now, with the limits as they stand. Nothing is changed, and nothing held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.engine.promotions import RefusalCode, quote_cart
from personalization.promotions.offers import find_offers
from personalization.promotions.result import Refused
from personalization.store.live_promotions import live_promotions

if TYPE_CHECKING:
    from personalization.engine.promotions import Quote, Refusal
    from personalization.engine.rules import Vocabulary
    from personalization.promotions.offers import Offers
    from personalization.promotions.request import Request

#: What depends on nothing but the cart, and so may be said to anybody.
_OF_THE_CART: Final = frozenset({RefusalCode.CURRENCY, RefusalCode.ZERO_EFFECT, RefusalCode.BEATEN})


@dataclass(frozen=True, slots=True)
class Quoted:
    """``quote``: what the engine found, for staff; ``refused``: the codes that gave nothing, and what a shopper may know
    of promotions without a code; ``offers``: the promotions that were looked at."""

    quote: Quote
    refused: tuple[Refused, ...]
    offers: Offers


def quote(request: Request, *, vocabulary: Vocabulary, now: int, version: int | None = None) -> Quoted:
    """What the cart would get. ``version``: the stamp of rules, where the caller has read it already.

    Raises InvalidInputError for a cart that cannot be, and whatever the database raises.
    """
    live = live_promotions(request.tenant, vocabulary=vocabulary, version=version)
    facts = request.all_facts(now)
    offers = find_offers(request, live, facts, now=now)
    found = quote_cart(request.cart, offers.promotions, facts, segments=live.segments)
    told = [_told(refusal, offers) for refusal in found.refused]
    return Quoted(found, (*offers.refused, *[refused for refused in told if refused is not None]), offers)


def _told(refusal: Refusal, offers: Offers) -> Refused | None:
    """What may be said of a promotion that does not apply; None: nothing, as it was not asked for."""
    if not refusal.code and not _fails_on_cart(refusal):
        return None
    public = refusal.reason in _OF_THE_CART or refusal.code in offers.owned or _fails_on_cart(refusal)
    return Refused(
        code=offers.typed.get(refusal.code, refusal.code),
        reason=refusal.reason if public else RefusalCode.UNKNOWN,
        detail=refusal.reason,
        failures=tuple(refusal.failures) if public else (),
        promotion=refusal.promotion,
    )


def _fails_on_cart(refusal: Refusal) -> bool:
    return refusal.reason == RefusalCode.CONDITION_FAILED and all(
        failure.kind.startswith("cart.") for failure in refusal.failures
    )
