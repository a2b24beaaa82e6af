"""What a cart gets: benefits, allocation, quotes. Nothing here changes anything."""

from personalization.engine.promotions.allocation import allocate
from personalization.engine.promotions.benefit import AmountOff, Benefit, PercentOff
from personalization.engine.promotions.cart import PricedCart, PricedLine, price_cart
from personalization.engine.promotions.money import exponent, from_minor, parse_amount, round_amount, to_minor
from personalization.engine.promotions.promotion import Promotion
from personalization.engine.promotions.quote import Applied, Quote, Refusal, RefusalCode, Share, quote_cart

__all__ = [
    "AmountOff",
    "Applied",
    "Benefit",
    "PercentOff",
    "PricedCart",
    "PricedLine",
    "Promotion",
    "Quote",
    "Refusal",
    "RefusalCode",
    "Share",
    "allocate",
    "exponent",
    "from_minor",
    "parse_amount",
    "price_cart",
    "quote_cart",
    "round_amount",
    "to_minor",
]
