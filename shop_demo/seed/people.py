"""Who shops here: three people to sign in as, and many others, each with tastes of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_lazy as _

from shop_demo.seed.assortment import ACTIVITIES, DATA, read_brands

if TYPE_CHECKING:
    from django.utils.functional import Promise

FIRST_NAMES = (DATA / "first_names.txt").read_text(encoding="utf-8").split()
LAST_NAMES = (DATA / "last_names.txt").read_text(encoding="utf-8").split()

#: The smaller, the more a shopper is about one theme alone.
MIX = 0.18


@dataclass(frozen=True, slots=True)
class Shopper:
    """A customer before there is a row. ``taste``: a share for each of ACTIVITIES, together 1."""

    username: str
    first_name: str
    last_name: str
    taste: tuple[float, ...]
    thrift: float  #: 0 buys the dearest of a kind, 1 the cheapest
    brand: str  #: the one this shopper trusts
    loyalty: float  #: 0 does not care who made it … 1 buys hardly anything else
    orders: int  #: in a year
    since_days: int  #: how long before today the first order may lie


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as."""

    shopper: Shopper
    blurb: Promise | str

    @property
    def name(self) -> str:
        return f"{self.shopper.first_name} {self.shopper.last_name}"


def _mostly(**shares: float) -> tuple[float, ...]:
    """These shares; what is left is spread over the other themes."""
    rest = (1 - sum(shares.values())) / (len(ACTIVITIES) - len(shares))
    return tuple(shares.get(activity, rest) for activity in ACTIVITIES)


PERSONAS = (
    Persona(
        Shopper("maya", "Maya", "Lindqvist", _mostly(climbing=0.9), 0.35, "Corvane", 0.4, 30, 350),
        _("climbs every weekend"),
    ),
    Persona(
        Shopper("tom", "Tom", "Bellamy", _mostly(family=0.6, camping=0.32), 0.6, "Pellworth", 0.4, 28, 350),
        _("camps with the family"),
    ),
    Persona(
        Shopper("ines", "Inês", "Duarte", _mostly(cycling=0.92), 0.45, "Gravelund", 0.3, 30, 350),
        _("travels by gravel bike"),
    ),
)

DEMO_PASSWORD = "demo"  # noqa: S105 - printed on the login page: everybody may be these people


def draw_shoppers(rng: np.random.Generator, *, count: int) -> list[Shopper]:
    """The personas, then others; names are distinct."""
    pairs = rng.choice(len(FIRST_NAMES) * len(LAST_NAMES), size=count, replace=False)
    others = (_draw(rng, *divmod(int(pair), len(LAST_NAMES))) for pair in pairs)
    return [*(persona.shopper for persona in PERSONAS), *others]


def _draw(rng: np.random.Generator, first: int, last: int) -> Shopper:
    first_name, last_name = FIRST_NAMES[first], LAST_NAMES[last]
    taste = rng.dirichlet(np.full(len(ACTIVITIES), MIX))
    return Shopper(
        username=f"{first_name}.{last_name}".lower(),
        first_name=first_name,
        last_name=last_name,
        taste=tuple(taste.tolist()),
        thrift=float(rng.beta(1.5, 1.5)),
        brand=_trusted(rng, taste),
        loyalty=float(rng.beta(2, 2)),
        orders=1 + int(rng.negative_binomial(2, 0.45)),
        since_days=int(rng.integers(60, 365)),
    )


def _trusted(rng: np.random.Generator, taste: np.typing.NDArray[np.float64]) -> str:
    """A brand that is about what the shopper does."""
    brands = read_brands()
    liked = np.array([sum(taste[ACTIVITIES.index(use)] for use in brand.uses) for brand in brands])
    return brands[int(rng.choice(len(brands), p=liked / liked.sum()))].name
