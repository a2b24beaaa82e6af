"""Everything that we hold of a person, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.engine.instants import from_micros
from personalization.privacy.standing import standing_of
from personalization.store.personal_pages import SECTIONS, read_section
from personalization.store.personal_rows import count_rows, person_of, visitors_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from personalization.engine.types import Identity

#: What a download is called: no name of a person, so that none can be a path.
FILENAME: Final = "personal-data.json"


@dataclass(frozen=True, slots=True)
class Holding:
    """How much is known. ``visitors``: browsers and accounts of these people; ``rows``: by kind."""

    people: int
    visitors: int
    rows: Mapping[str, int]


def export(identity: Identity, *, tenant: str = "", now: int) -> Iterator[str]:
    """The person's data, piece by piece; together the pieces are one JSON object with a row to a line.

    Somebody of whom nothing is known gets the same object with empty lists.
    """
    visitor = standing_of(identity, tenant=tenant).visitor
    return export_visitor(visitor, now=now)


def export_visitor(visitor: int | None, *, now: int) -> Iterator[str]:
    """The same for the person of a visitor."""
    visitors = _visitors(visitor)
    yield f'{{\n"exported_at": {json.dumps(from_micros(now).isoformat())}'
    for name in SECTIONS:
        yield f',\n"{name}": ['
        separator = "\n"
        for row in read_section(name, visitors):
            yield f"{separator}{json.dumps(row)}"
            separator = ",\n"
        yield "]"
    yield "\n}\n"


def holding_of(identities: Iterable[Identity], *, tenant: str = "") -> Holding:
    """How much is known of the people whom these identities name, without reading it."""
    named = (standing_of(identity, tenant=tenant).person for identity in identities)
    return _holding({person for person in named if person is not None})


def holding_of_visitor(visitor: int) -> Holding:
    """The same of the person of a visitor."""
    person = person_of(visitor)
    return _holding(set() if person is None else {person})


def _holding(people: set[int]) -> Holding:
    visitors = [visitor for person in people for visitor in visitors_of(person)]
    return Holding(len(people), len(visitors), count_rows(visitors))


def _visitors(visitor: int | None) -> list[int]:
    person = None if visitor is None else person_of(visitor)
    return [] if person is None else visitors_of(person)
