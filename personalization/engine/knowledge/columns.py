"""Facts of a catalog by column, made when they are first asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.knowledge.wish import ATTRIBUTE, OF_TEXTS, PRICE, Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog
    from personalization.engine.knowledge.wish import Requirement

_NUMBER: Final = re.compile(r"\s*([-+]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15}))")
_COMPARE: Final[dict[Operator, Callable[..., NDArray[np.bool_]]]] = {
    Operator.AT_MOST: np.less_equal,
    Operator.AT_LEAST: np.greater_equal,
    Operator.LESS: np.less,
    Operator.MORE: np.greater,
}
_NONE: Final = np.empty(0, np.int64)


class Columns:
    """The facts of each item of a catalog: who has which text, and the numbers.

    The number of an attribute is the one that its text begins with: "1.5 kg" is 1.5. Units are not converted.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._holders: dict[str, dict[str, NDArray[np.int64]]] = {}
        self._numbers: dict[str, NDArray[np.float64]] = {}

    def __len__(self) -> int:
        return len(self.catalog)

    def satisfies(self, requirement: Requirement) -> NDArray[np.bool_]:
        """bool (n_items,): which items meet a requirement; one whose fact is not known does not."""
        if requirement.operator not in OF_TEXTS:
            return _COMPARE[requirement.operator](self.numbers(requirement.field), requirement.number)
        holders = self._holders_of(requirement.field)
        named = np.zeros(len(self), bool)
        for text in requirement.texts:
            named[holders.get(_folded(text), _NONE)] = True
        if requirement.operator == Operator.IS:
            return named
        known = np.zeros(len(self), bool)
        known[holders[""]] = True
        return known & ~named

    def numbers(self, field: str) -> NDArray[np.float64]:
        """float64 (n_items,): the price, or the number an attribute begins with; NaN where there is none."""
        if field not in self._numbers:
            prices = self.catalog.prices
            if field != PRICE:
                self._numbers[field] = np.array([_number(texts) for texts in self._texts(field)], np.float64)
            else:
                self._numbers[field] = np.full(len(self), np.nan) if prices is None else prices
        return self._numbers[field]

    def texts(self, field: str, row: int) -> tuple[str, ...]:
        """What an item's fact says, as the shop wrote it; () where it is not known."""
        return tuple(self._texts(field)[row])

    def _holders_of(self, field: str) -> dict[str, NDArray[np.int64]]:
        """Text → rows of the items that have it; '' → those of which anything is known."""
        if field not in self._holders:
            rows: dict[str, list[int]] = {"": []}
            for row, texts in enumerate(self._texts(field)):
                for text in {_folded(text) for text in texts}:
                    rows.setdefault(text, []).append(row)
                if texts or (field == "tags" and self.catalog.tags):  # no tags at all is known, too
                    rows[""].append(row)
            self._holders[field] = {text: np.array(each, np.int64) for text, each in rows.items()}
        return self._holders[field]

    def _texts(self, field: str) -> Sequence[Sequence[str]]:
        """The texts of each item."""
        catalog = self.catalog
        if field == "tags":
            return catalog.tags or _nothing(len(self))
        if field.startswith(ATTRIBUTE):
            name = field.removeprefix(ATTRIBUTE)
            return _one_each(item.get(name, "") for item in catalog.attributes) or _nothing(len(self))
        return _one_each(catalog.categories if field == "category" else catalog.brands) or _nothing(len(self))


def _one_each(texts: Iterable[str]) -> list[tuple[str, ...]]:
    return [(text,) if text.strip() else () for text in texts]


def _nothing(count: int) -> list[tuple[str, ...]]:
    return [()] * count


def _folded(text: str) -> str:
    return text.strip().casefold()


def _number(texts: Sequence[str]) -> float:
    found = _NUMBER.match(texts[0]) if texts else None
    return float(found[1]) if found else float("nan")
