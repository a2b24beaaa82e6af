"""The Python API for shops. Who acts may be given as a request, or as an `Identity`.

``recommend`` and ``rate`` raise when something is wrong with what they are asked, and so do ``quote``, ``reserve``, ``redeem``
and ``release``, which are about money; ``slot``, ``track`` and whatever else stands in a page or an order never do.
"""

from personalization.engine.types import Identity, IdentityKind, Recommendation
from personalization.serving import Advice, AdvisedItem, Alternative, Told
from personalization.shortcuts.advising import advise
from personalization.shortcuts.asking import aslot, cache_key, recommend, slot
from personalization.shortcuts.given_ratings import average_ratings, ratings_of
from personalization.shortcuts.offer import AppliedOffer, CartOffers, OfferResult, RefusedOffer
from personalization.shortcuts.offers import quote, redeem, release, release_order, reserve
from personalization.shortcuts.own_coupons import MyCoupon, my_coupons
from personalization.shortcuts.own_ratings import my_ratings, take_rating_back
from personalization.shortcuts.telling import cancel_order, rate, record_order, track
from personalization.store.item_ratings import AverageRating, GivenRating, ItemRatings

__all__ = [
    "Advice",
    "AdvisedItem",
    "Alternative",
    "AppliedOffer",
    "AverageRating",
    "CartOffers",
    "GivenRating",
    "Identity",
    "IdentityKind",
    "ItemRatings",
    "MyCoupon",
    "OfferResult",
    "Recommendation",
    "RefusedOffer",
    "Told",
    "advise",
    "aslot",
    "average_ratings",
    "cache_key",
    "cancel_order",
    "my_coupons",
    "my_ratings",
    "quote",
    "rate",
    "ratings_of",
    "recommend",
    "record_order",
    "redeem",
    "release",
    "release_order",
    "reserve",
    "slot",
    "take_rating_back",
    "track",
]
