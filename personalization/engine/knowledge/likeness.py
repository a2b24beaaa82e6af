"""An item at hand, and what should be different → what is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.knowledge.wish import (
    ATTRIBUTE,
    LONGEST,
    MOST_TEXTS,
    PRICE,
    Better,
    Change,
    Operator,
    Preference,
    Requirement,
    Utility,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.engine.knowledge.columns import Columns
    from personalization.engine.knowledge.wish import Critique, Wish

_LIMITS: Final = {Change.LESS: Operator.LESS, Change.MORE: Operator.MORE}


def wish_like(wish: Wish, columns: Columns, row: int) -> Wish:
    """The wish, with what makes an item resemble the one at ``row``, and differ from it as the critiques say.

    Each critique becomes a must. The category, if the item has one, becomes the last must: it is given up first.
    Brand, tags and attributes that no critique is about, and a near price, count besides, weight 1 each: cheaper is a little
    cheaper. (Burke, Hammond
    and Young, The FindMe approach to assisted browsing, IEEE Expert 1997.)

    Raises InvalidInputError naming ``critiques.<place>.field`` where the fact is not known of the item.
    """
    criticized = {critique.field for critique in wish.critiques}
    musts = [_must(critique, columns, row, place) for place, critique in enumerate(wish.critiques)]
    category = [] if "category" in criticized else [*_equal("category", columns, row)]
    alike = [
        Preference(one) for field in _facts(columns, row) - criticized for one in _equal(field, columns, row)
    ]
    price = columns.numbers(PRICE)[row]
    return replace(
        wish,
        must=(*wish.must, *musts, *category),
        should=(*wish.should, *sorted(alike, key=lambda one: one.requirement.field)),
        utility=(*wish.utility, *([_near(float(price))] if price > 0 else [])),
    )


def _must(critique: Critique, columns: Columns, row: int, place: int) -> Requirement:
    number = np.nan if critique.change == Change.OTHER else columns.numbers(critique.field)[row]
    texts = columns.texts(critique.field, row)[:MOST_TEXTS]
    if critique.change == Change.OTHER and texts:
        return Requirement(critique.field, Operator.IS_NOT, tuple([text[:LONGEST] for text in texts]))
    if np.isfinite(number):
        return Requirement(critique.field, _LIMITS[critique.change], number=float(number))
    message = f"{critique.field!r} of this item is not known"
    raise InvalidInputError(f"critiques.{place}.field", message, code="not_known")


def _equal(field: str, columns: Columns, row: int) -> Iterator[Requirement]:
    """A requirement for each text of a fact."""
    for text in columns.texts(field, row)[:MOST_TEXTS]:
        if 0 < len(text.strip()) <= LONGEST:
            yield Requirement(field, Operator.IS, (text,))


def _facts(columns: Columns, row: int) -> set[str]:
    attributes = columns.catalog.attributes
    names = attributes[row] if attributes else {}
    return {"brand", "tags", *[f"{ATTRIBUTE}{name}" for name in names if 0 < len(name) <= LONGEST]}


def _near(price: float) -> Utility:
    return Utility(PRICE, Better.NEAR, low=0.0, high=price, target=price)
