"""Who shops here: four people to sign in as, and many others, each with tastes and a store of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_lazy as _

from shop_demo.seed.assortment import ACTIVITIES, DATA, read_brands
from shop_demo.stores import CHINA, EUROPE

if TYPE_CHECKING:
    from django.utils.functional import Promise


def _words(file: str) -> list[str]:
    return (DATA / file).read_text(encoding="utf-8").split()


#: First and last names of the customers of each store.
NAMES = {
    EUROPE.code: (_words("first_names.txt"), _words("last_names.txt")),
    CHINA.code: (_words("given_names_zh.txt"), _words("family_names_zh.txt")),
}
CHINA_SHARE = 0.2  #: of all shoppers

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
    store: str = EUROPE.code


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
    Persona(
        Shopper("yue", "Yue", "Lin", _mostly(running=0.92), 0.25, "Fleetmoor", 0.4, 30, 350, CHINA.code),
        _("runs trails near Hangzhou"),
    ),
)

DEMO_PASSWORD = "demo"  # noqa: S105 - printed on the login page: everybody may be these people


def draw_shoppers(rng: np.random.Generator, *, count: int) -> list[Shopper]:
    """The personas, then others; names are distinct."""
    in_china = rng.random(count) < CHINA_SHARE
    names = {
        CHINA.code: iter(_draw_names(rng, CHINA.code, int(in_china.sum()))),
        EUROPE.code: iter(_draw_names(rng, EUROPE.code, int((~in_china).sum()))),
    }
    homes = [CHINA.code if far else EUROPE.code for far in in_china]
    return [
        *(persona.shopper for persona in PERSONAS),
        *(_draw(rng, *next(names[home]), home) for home in homes),
    ]


def _draw_names(rng: np.random.Generator, store: str, count: int) -> list[tuple[str, str]]:
    first, last = NAMES[store]
    pairs = rng.choice(len(first) * len(last), size=count, replace=False)
    return [(first[pair // len(last)], last[pair % len(last)]) for pair in pairs.tolist()]


def _draw(rng: np.random.Generator, first_name: str, last_name: str, store: str) -> Shopper:
    taste = rng.dirichlet(np.full(len(ACTIVITIES), MIX))
    return Shopper(
        username=f"{first_name}.{last_name}".lower(),
        first_name=first_name,
        last_name=last_name,
        taste=tuple(taste.tolist()),
        thrift=float(rng.beta(1.5, 1.5)),
        brand=_trusted(rng, taste, store),
        loyalty=float(rng.beta(2, 2)),
        orders=1 + int(rng.negative_binomial(2, 0.45)),
        since_days=int(rng.integers(60, 365)),
        store=store,
    )


def _trusted(rng: np.random.Generator, taste: np.typing.NDArray[np.float64], store: str) -> str:
    """A brand that is sold there and about what the shopper does."""
    brands = [brand for brand in read_brands() if store in brand.stores]
    liked = np.array([sum(taste[ACTIVITIES.index(use)] for use in brand.uses) for brand in brands])
    return brands[int(rng.choice(len(brands), p=liked / liked.sum()))].name
