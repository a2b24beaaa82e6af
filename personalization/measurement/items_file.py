"""A file of items as a catalog: what a shop says of the items that stand in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.catalog import UNKNOWN_TIME, Catalog
from personalization.measurement.text_file import TextFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Columns that are looked for when none is named, the first that is there.
_USUAL: Final = {
    "title": ("title",),
    "category": ("category",),
    "tags": ("tags",),
    "brand": ("brand",),
    "listed_at": ("listed_at", "first_sold_at"),
}
#: As in `import_items`: what stands between tags, and what the header of an attribute begins with.
_SEPARATOR: Final = "|"
_ATTRIBUTE: Final = "attribute:"


@dataclass(frozen=True, slots=True)
class ItemsFile:
    """A CSV file of items and what its columns are called; None: the usual name, if the file has it.

    A price has no usual name: a price list of today is not read into the past unless somebody says that it may be.
    Columns ``attribute:<name>`` are found by their headers.
    """

    path: str
    key: str
    title: str | None = None
    category: str | None = None
    tags: str | None = None
    brand: str | None = None
    price: str | None = None
    listed_at: str | None = None

    def catalog(self, keys: NDArray[np.object_], *, zone: str) -> Catalog:
        """What the file says of the items with these keys, in their order; of several lines of one key, the last.

        Items of which it says nothing have '' and no tags, an unknown price and an unknown time. Instants without an
        offset are read in ``zone``. Raises InvalidInputError naming ``items``.
        """
        file = self._read()
        lines = _lines(file.keys(self.key), keys)
        tags = self._texts(file, "tags", lines)
        attributes = _attributes(file, lines)
        return Catalog(
            titles=self._texts(file, "title", lines) or ("",) * len(keys),
            tags=tuple(tuple(tag for tag in text.split(_SEPARATOR) if tag) for text in tags),
            categories=self._texts(file, "category", lines),
            brands=self._texts(file, "brand", lines),
            attributes=attributes,
            prices=_spread(file.optional_numbers(self.price), lines, np.nan) if self.price else None,
            listed_at=self._listed(file, lines, zone),
        )

    def _read(self) -> TextFile:
        named = (self.key, self.title, self.category, self.tags, self.brand, self.price, self.listed_at)
        usual = {name for names in _USUAL.values() for name in names}
        return TextFile(
            "items",
            self.path,
            [name for name in named if name],
            optional=lambda name: name in usual or name.startswith(_ATTRIBUTE),
        )

    def _column(self, file: TextFile, field: str) -> str:
        """The column of a field; '' where there is none."""
        named: str | None = getattr(self, field)
        return next((name for name in _USUAL[field] if file.has(name)), "") if named is None else named

    def _texts(self, file: TextFile, field: str, lines: NDArray[np.intp]) -> tuple[str, ...]:
        column = self._column(file, field)
        return tuple(_spread(file.texts(column), lines, "").tolist()) if column else ()

    def _listed(self, file: TextFile, lines: NDArray[np.intp], zone: str) -> NDArray[np.int64] | None:
        column = self._column(file, "listed_at")
        if not column:
            return None
        return _spread(file.optional_instants(column, zone=zone, unknown=UNKNOWN_TIME), lines, UNKNOWN_TIME)


def _lines(told: NDArray[np.object_], keys: NDArray[np.object_]) -> NDArray[np.intp]:
    """The last line of each key: intp (len(keys),), -1 where there is none."""
    last = {key: line for line, key in enumerate(told.tolist())}
    return np.array([last.get(key, -1) for key in keys.tolist()], dtype=np.intp)


def _spread(values: NDArray[Any], lines: NDArray[np.intp], missing: object) -> NDArray[Any]:
    """The value of each item's line, ``missing`` where it has none."""
    spread = np.full(len(lines), missing, dtype=values.dtype)
    known = lines >= 0
    spread[known] = values[lines[known]]
    return spread


def _attributes(file: TextFile, lines: NDArray[np.intp]) -> tuple[dict[str, str], ...]:
    """Of each item, the attributes that are told; () when the file has none."""
    named = [name for name in file.columns if name.startswith(_ATTRIBUTE)]
    if not named:
        return ()
    rows = zip(*(_spread(file.texts(name), lines, "").tolist() for name in named), strict=True)
    names = [name.removeprefix(_ATTRIBUTE) for name in named]
    return tuple({name: text for name, text in zip(names, row, strict=True) if text} for row in rows)
