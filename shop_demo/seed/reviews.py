"""What people say of what they bought: stars, and a sentence or two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from shop_demo.seed.people import PERSONAS
from shop_demo.stores import CHINA

if TYPE_CHECKING:
    from datetime import datetime

    from shop_demo.seed.baskets import Basket
    from shop_demo.seed.market import Market
    from shop_demo.seed.people import Shopper

SPOKEN_SHARE = 0.15  #: of all lines of orders

VERDICTS = {
    1: ("Sent the {kind} back.", "Broke on the first trip.", "Not what the page promised."),
    2: (
        "The {kind} is all right, but too dear for what it is.",
        "It works, without joy.",
        "I expected more.",
    ),
    3: ("A decent {kind}.", "Does the job, no more.", "Good idea, average finish."),
    4: ("A good {kind} with one small flaw.", "Very happy with it so far.", "Would buy this {kind} again."),
    5: ("The best {kind} that I have had.", "Exactly right.", "My whole group wants one now."),
}
DETAILS = (
    "Two weekends of rain and no complaint.",
    "Lighter than the scale had said.",
    "It packs smaller than it looks.",
    "The finish is neat.",
    "Delivered in two days.",
    "",
)
COMPLAINTS = (
    "A seam opened in the second week.",
    "It is heavier than it says.",
    "The size runs small.",
    "It smells of glue.",
    "",
)
CHINESE = {
    1: ("已退货。", "第一次出门就坏了。"),
    2: ("能用，但不值这个价。", "比预想的差一些。"),
    3: ("还行，够用。", "想法不错，做工一般。"),
    4: ("很好，只有一点小毛病。", "目前很满意。"),
    5: ("用过最好的一款。", "朋友们都想要。", "非常合适，推荐。"),
}


@dataclass(frozen=True, slots=True)
class Review:
    shopper: int
    article: int
    stars: int
    text: str
    at: datetime


def draw_reviews(
    market: Market, shoppers: list[Shopper], baskets: list[Basket], *, today: datetime
) -> list[Review]:
    """Some weeks after some orders, of articles that are still on the shelf; each person says one thing of each.

    The people one may sign in as have not said anything yet: that is left to who tries the demo.
    """
    rng = market.rng
    quality = rng.normal(4.1, 0.55, len(market.assortment))
    spoken: dict[tuple[int, int], Review] = {}
    for basket in baskets:
        if basket.shopper < len(PERSONAS):
            continue
        for line in basket.lines:
            said_at = basket.placed_at + timedelta(
                days=int(rng.integers(4, 30)), minutes=int(rng.integers(600))
            )
            if rng.random() < SPOKEN_SHARE and said_at < today and not market.off_shelf[line.article]:
                stars = int(np.clip(round(rng.normal(quality[line.article], 0.8)), 1, 5))
                kind = market.assortment[line.article].kind.name
                text = _text(rng, kind, stars, chinese=shoppers[basket.shopper].store == CHINA.code)
                review = Review(basket.shopper, line.article, stars, text, said_at)
                spoken.setdefault((review.shopper, review.article), review)
    return sorted(spoken.values(), key=lambda review: (review.at, review.shopper))


def _text(rng: np.random.Generator, kind: str, stars: int, *, chinese: bool) -> str:
    if chinese:
        return str(rng.choice(CHINESE[stars]))
    verdict = str(rng.choice(VERDICTS[stars])).format(kind=kind)
    detail = str(rng.choice(DETAILS if stars > 3 else COMPLAINTS))
    return f"{verdict} {detail}".strip()
