"""What a cart gets, and what became of it, as shops and templates read it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.promotions import Share
    from personalization.promotions.result import Held, HeldShare

#: How many offers that the cart nearly gets are worth a place on a page.
MOST_NEARLY = 3


@dataclass(frozen=True, slots=True)
class AppliedOffer:
    """What applies. ``code``: as the shopper typed it, '' where none is needed; the ``shares`` sum to ``amount``."""

    promotion: int
    title: str
    code: str
    amount: Decimal
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class RefusedOffer:
    """Why a code gives nothing, or why an offer without one does not apply yet.

    ``reason``: a word for programs; ``text``: a sentence in the reader's language; ``missing``: how much more of ``unit``
    (a currency, '' for pieces) would do, None when that is not all. ``title`` is '' where the code tells nobody what it
    would unlock.
    """

    code: str
    title: str
    reason: str
    text: str
    missing: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class CartOffers:
    """What a cart costs with its offers, in major units. Nothing was changed."""

    currency: str
    subtotal: Decimal
    discount: Decimal
    total: Decimal
    applied: tuple[AppliedOffer, ...] = ()
    refused: tuple[RefusedOffer, ...] = ()

    @property
    def shares(self) -> Mapping[str, Decimal]:
        """What each line gets, by its key."""
        return _by_line([share for one in self.applied for share in one.shares])

    @property
    def refused_codes(self) -> tuple[RefusedOffer, ...]:
        """The codes that give nothing."""
        return tuple([one for one in self.refused if one.code])

    @property
    def nearly(self) -> tuple[RefusedOffer, ...]:
        """The few offers without a code that only the cart is in the way of, the nearest first."""
        open_ = [one for one in self.refused if not one.code]
        nearest = sorted(open_, key=lambda one: (one.missing is None, one.missing or 0))
        return tuple(nearest[:MOST_NEARLY])


@dataclass(frozen=True, slots=True)
class OfferResult:
    """``held`` is None when nothing is; ``refused`` says why, and what did not apply beside what is held."""

    held: Held | None = None
    refused: tuple[RefusedOffer, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether something is held, or used."""
        return self.held is not None

    @property
    def discount(self) -> Decimal:
        """What is held, 0 when nothing is."""
        return Decimal(0) if self.held is None else self.held.amount

    @property
    def shares(self) -> Mapping[str, Decimal]:
        """What each line gets, by its key."""
        return {} if self.held is None else _by_line(self.held.shares)


def _by_line(shares: tuple[HeldShare, ...] | list[Share]) -> dict[str, Decimal]:
    return {share.line: share.amount for share in shares}
