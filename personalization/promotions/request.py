"""What is asked: which cart, of whom, with which codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from personalization.engine import ids
from personalization.exceptions import InvalidInputError
from personalization.store.coupons import normalize_code

if TYPE_CHECKING:
    from personalization.engine.promotions import PricedCart
    from personalization.engine.rules import Facts
    from personalization.engine.types import Identity

#: How many codes somebody may try at once, and how many identities a person may have here.
MOST_CODES: Final = 10
MOST_PEOPLE: Final = 10

#: The fact that says which codes were entered.
CODES: Final = "context.code"


@dataclass(frozen=True, slots=True)
class Request:
    """A cart and who it belongs to.

    ``facts``: of the visitor and the page; ``codes``: as they were typed; ``people``: everything the shopper
    is known by (user key, e-mail): each of them is counted for the limit of a person.

    Raises InvalidInputError naming ``codes`` or ``people``.
    """

    cart: PricedCart
    facts: Facts
    codes: tuple[str, ...] = ()
    people: tuple[Identity, ...] = ()
    tenant: str = ""

    def __post_init__(self) -> None:
        if len(self.codes) > MOST_CODES:
            raise InvalidInputError("codes", f"more than {MOST_CODES} codes")
        if len(self.people) > MOST_PEOPLE or not all(ids.is_key(one.key) for one in self.people):
            raise InvalidInputError("people", f"expected up to {MOST_PEOPLE} keys of people")

    def typed(self) -> dict[str, str]:
        """The codes as they are compared → as they were typed first; what cannot be a code stands under ''."""
        typed: dict[str, str] = {}
        for code in self.codes:
            typed.setdefault(normalize_code(code), code)
        return typed

    def all_facts(self, now: int) -> Facts:
        """The facts at an instant, with those of the cart and the codes among them."""
        codes = frozenset(self.typed()) - {""}
        return replace(self.facts, values={**self.facts.values, **self.cart.facts(), CODES: codes}, now=now)

    def digest(self) -> bytes:
        """What tells whether another request asks for the same: cart, codes and people, not the moment."""
        lines = sorted(
            [line.key, line.item, str(line.quantity), str(line.unit_price), str(line.total)]
            for line in self.cart.lines
        )
        people = sorted([int(one.kind), one.key] for one in self.people)
        asked = [self.cart.currency, lines, sorted(self.typed()), people]
        return ids.digest(json.dumps(asked, separators=(",", ":")))
