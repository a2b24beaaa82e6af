"""A shop whose products lie in memory, for tests that are about no host's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.adapters import Adapter, Page
from personalization.engine.types import Card, ItemRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GOODS: Final = {"ADAPTER": f"{__name__}.GoodsAdapter"}
_shelf: dict[str, Goods] = {}


@dataclass(frozen=True, slots=True)
class Goods:
    """A product; ``str(pk)`` is its key, as in most shops."""

    pk: str
    name: str = ""
    price: str = "1.00"
    available: bool = True

    def delete(self) -> None:
        _shelf.pop(self.pk, None)


def put(key: str, **fields: object) -> Goods:
    """A new product, newer than all that are there."""
    _shelf[key] = goods = Goods(key, **{"name": key.title(), **fields})  # type: ignore[arg-type]
    return goods


def clear() -> None:
    _shelf.clear()


class GoodsAdapter(Adapter):
    def iter_items(self, tenant: str = "") -> Iterator[ItemRecord]:
        for one in _shelf.values():
            yield ItemRecord(
                one.pk, one.name, category="Goods", price=one.price, currency="EUR", url=f"/goods/{one.pk}/"
            )

    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        asked = set(keys)
        return [record for record in self.iter_items(tenant) if record.key in asked]

    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        return {
            record.key: Card(
                record.key,
                record.title,
                url=record.url,
                price=record.price,
                currency=record.currency,
                category=record.category,
                eligible=_shelf[record.key].available,
            )
            for record in self.find_items(keys)
        }

    def newest_keys(self, count: int, page: Page) -> list[str]:
        return [key for key, one in reversed(_shelf.items()) if one.available][:count]
