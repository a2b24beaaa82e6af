"""Which columns of a file of events say what, and how their cells are read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from personalization.capture import cell
from personalization.capture.cell import Cells
from personalization.capture.quarantine import Problem
from personalization.conf import settings
from personalization.engine.ids import DIGEST_SIZE
from personalization.engine.types import Flag, Identity, IdentityKind
from personalization.identity.traffic import is_bot
from personalization.store.visitors import identity_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from personalization.capture.chunk import Chunk
    from personalization.capture.csv_file import CsvFile

_BETWEEN: Final = "\x1f"  # no key that is taken can contain it


@dataclass(frozen=True, slots=True)
class EventColumnNames:
    """Under which names the file holds what; '' where it does not."""

    visitor: str
    item: str
    time: str
    quantity: str = ""
    price: str = ""
    order: str = ""
    agent: str = ""


class EventCells:
    """The places of the columns in a file, and a cache of read cells for each of them."""

    def __init__(self, file: CsvFile, names: EventColumnNames, *, identity: IdentityKind, now: int) -> None:
        self.width = len(file.header)
        self.identity = identity
        parsers: Mapping[str, tuple[str, Callable[[str], Any]]] = {
            "visitor": (names.visitor, partial(cell.key, missing=Problem.MISSING_VISITOR)),
            "item": (names.item, partial(cell.key, missing=Problem.MISSING_ITEM)),
            "time": (names.time, partial(cell.instant, zone=ZoneInfo(settings.time_zone), now=now)),
            "quantity": (names.quantity, cell.quantity),
            "price": (names.price, cell.price),
            "order": (names.order, cell.order),
            "agent": (names.agent, _flags),
        }
        self._places = {field: file.column(name) for field, (name, _) in parsers.items() if name}
        self._cells: dict[str, Cells[Any]] = {field: Cells(parsers[field][1]) for field in self._places}
        self._people: Cells[str] = Cells(self._person)

    def column(self, chunk: Chunk, field: str) -> list[str]:
        """The texts of a column that every file of events has."""
        return chunk.column(self._places[field])

    def values(self, chunk: Chunk, field: str, *, default: Any = None) -> list[Any]:
        """The values of a column, None where there is a problem; the default everywhere without the column."""
        if field not in self._places:
            return [default] * len(chunk)
        return list(map(self._cells[field].__getitem__, chunk.column(self._places[field])))

    def refuse_bad(self, chunk: Chunk) -> None:
        """Take out the rows with a cell that cannot be read; the first problem of a row is its reason."""
        for field, cells in self._cells.items():
            values = self.values(chunk, field)
            if None in values:
                texts = zip(values, chunk.column(self._places[field]), strict=True)
                chunk.refuse([cells.problem(text) if value is None else None for value, text in texts])

    def trim(self) -> None:
        """Keep the caches small."""
        for cells in (*self._cells.values(), self._people):
            cells.trim()

    def line_keys(self, rows: Sequence[list[str]], scope: str) -> list[bytes]:
        """What makes each line its own: (order, item), or (visitor, item, time) where there is no order."""
        order, item, width = self._places.get("order"), self._places["item"], self.width
        by_order, by_visitor = f"{scope}{_BETWEEN}order{_BETWEEN}", f"{scope}{_BETWEEN}visitor{_BETWEEN}"
        texts = [
            ""  # refused later; only keeps its place
            if len(row) != width
            else f"{by_order}{row[order]}{_BETWEEN}{row[item]}"
            if order is not None and row[order]
            else f"{by_visitor}{self._visit(row)}{_BETWEEN}{row[item]}"
            for row in rows
        ]
        return [blake2b(text.encode(), digest_size=DIGEST_SIZE).digest() for text in texts]

    def _visit(self, row: list[str]) -> str:
        person, moment = row[self._places["visitor"]], row[self._places["time"]]
        # The instant, not its text: a file that writes the same time in another way tells the same event.
        return f"{self._people[person]}{_BETWEEN}{self._cells['time'][moment]}"

    def _person(self, text: str) -> str:
        """An address by its keyed hash: however it is typed, and never to be guessed from the database."""
        if self.identity != IdentityKind.EMAIL:
            return text
        return identity_digest(Identity(self.identity, text)).hex()


def _flags(agent: str) -> int:
    """What a User-Agent says of who did it, as it would of a request."""
    return int(Flag.BOT) if is_bot(agent) else 0
