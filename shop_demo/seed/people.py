"""Who shops here: three people to sign in as, and a few hundred others, each with tastes of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from shop_demo.seed.assortment import ACTIVITIES

if TYPE_CHECKING:
    import numpy as np
    from django.utils.functional import Promise

DATA = Path(__file__).resolve().parent.parent / "data"
FIRST_NAMES = (DATA / "first_names.txt").read_text(encoding="utf-8").split()
LAST_NAMES = (DATA / "last_names.txt").read_text(encoding="utf-8").split()


@dataclass(frozen=True, slots=True)
class Shopper:
    """A customer before there is a row. ``tastes``: activities, the dearest first."""

    username: str
    first_name: str
    last_name: str
    tastes: tuple[str, ...]
    thrift: float  #: 0 buys the dearest of a kind, 1 the cheapest
    orders: int
    since_days: int  #: how long before today the first order may lie


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as."""

    shopper: Shopper
    blurb: Promise | str

    @property
    def name(self) -> str:
        return f"{self.shopper.first_name} {self.shopper.last_name}"


PERSONAS = (
    Persona(Shopper("maya", "Maya", "Lindqvist", ("climbing",), 0.35, 8, 330), _("climbs every weekend")),
    Persona(Shopper("tom", "Tom", "Bellamy", ("family", "camping"), 0.6, 7, 300), _("camps with the family")),
    Persona(Shopper("ines", "Inês", "Duarte", ("cycling",), 0.45, 8, 340), _("travels by gravel bike")),
)

DEMO_PASSWORD = "demo"  # noqa: S105 - printed on the login page: everybody may be these people


def draw_shoppers(rng: np.random.Generator, *, count: int) -> list[Shopper]:
    """The personas, then others; names are distinct."""
    pairs = rng.choice(len(FIRST_NAMES) * len(LAST_NAMES), size=count, replace=False)
    others = (_draw(rng, *divmod(int(pair), len(LAST_NAMES))) for pair in pairs)
    return [*(persona.shopper for persona in PERSONAS), *others]


def _draw(rng: np.random.Generator, first: int, last: int) -> Shopper:
    first_name, last_name = FIRST_NAMES[first], LAST_NAMES[last]
    tastes = rng.choice(ACTIVITIES, size=int(rng.choice([1, 2, 3], p=[0.4, 0.45, 0.15])), replace=False)
    return Shopper(
        username=f"{first_name}.{last_name}".lower(),
        first_name=first_name,
        last_name=last_name,
        tastes=tuple(str(taste) for taste in tastes),
        thrift=float(rng.beta(2, 2)),
        orders=1 + int(rng.negative_binomial(2, 0.32)),
        since_days=int(rng.integers(20, 365)),
    )
