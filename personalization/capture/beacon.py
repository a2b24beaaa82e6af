"""What a browser, or a shop's server, tells of one visitor: a batch of events, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import IntegrityError, OperationalError

from personalization.capture.beacon_row import (
    BROWSER_KINDS,
    SERVER_KINDS,
    Told,
    bad_token,
    read_row,
    unknown_item,
)
from personalization.capture.beacon_writer import Fact, Teller, store_facts
from personalization.capture.known_items import known_items
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError
from personalization.store.events import events_database
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from personalization.capture.beacon_writer import Stored
    from personalization.engine.types import Identity
    from personalization.store.answers import AnswerRow

STORED: Final = "stored"
DUPLICATE: Final = "duplicate"
REJECTED: Final = "rejected"
DROPPED: Final = "dropped"

#: How often a batch is tried while others store the same events.
ATTEMPTS: Final = 5


class Verdict(NamedTuple):
    """What became of one event. ``reason``: why it was dropped; ``field``, ``code``, ``message``: why it was rejected;
    ``clock``: our clock's time is stored; ``ignored``: fields that mean nothing here."""

    id: str
    verdict: str
    reason: str = ""
    field: str = ""
    code: str = ""
    message: str = ""
    clock: bool = False
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a token says. ``places``: keys of the answer's items → their positions, from 1."""

    answer: AnswerRow
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recorded:
    """``verdicts``: one for each row, in order. ``identity``: under which events are stored; None when none is."""

    verdicts: tuple[Verdict, ...]
    identity: Identity | None = None


def read_rows(rows: Sequence[Any], *, server: bool, now: int) -> list[Told | Verdict]:
    """What every object of a batch tells, or why it is rejected. Only a server may tell sales."""
    kinds = SERVER_KINDS if server else BROWSER_KINDS
    return [_read(row, kinds, now) for row in rows]


def drop_told(rows: Sequence[Told | Verdict], reason: str) -> Recorded:
    """Store nothing of what `read_rows` read."""
    return Recorded(tuple([row if isinstance(row, Verdict) else _dropped(row, reason) for row in rows]))


def record_told(rows: Sequence[Told | Verdict], shown: Mapping[str, Shown], teller: Teller) -> Recorded:
    """Store the events that `read_rows` read, each once; what is then called stored is committed.

    ``shown``: token → what it says, of every token that counts.
    """
    judged = list(_judged(rows, shown, teller))
    facts = [fact for fact in judged if isinstance(fact, Fact)]
    stored = _stored(facts, teller) if facts else None
    verdicts = [fact if isinstance(fact, Verdict) else _verdict(fact, stored) for fact in judged]
    return Recorded(tuple(verdicts), None if stored is None else stored.identity)


def _stored(facts: list[Fact], teller: Teller) -> Stored:
    """At first in the hope that every event is new; when one is not, by asking first."""
    for attempt in range(ATTEMPTS):
        work = partial(store_facts, facts, teller, all_new=attempt == 0)
        try:
            return in_transaction(work, using=events_database())
        except IntegrityError as error:
            repeated = error
    raise OperationalError("others keep storing the same events") from repeated


def _judged(
    rows: Sequence[Told | Verdict], shown: Mapping[str, Shown], teller: Teller
) -> Iterator[Fact | Verdict]:
    """Rows with the ids of our own rows; what names an item or a token that is not ours is rejected."""
    keys = {row.item for row in rows if isinstance(row, Told) and row.kind != Kind.SEARCH}
    items = known_items(keys, tenant=teller.tenant, now=teller.now)
    ids: set[str] = set()
    for row in rows:
        if isinstance(row, Verdict):
            yield row
            continue
        answer = shown.get(row.token) if row.token else None
        if row.kind != Kind.SEARCH and row.item not in items:
            yield _rejected(row.id, unknown_item())
        elif row.token and (answer is None or row.item not in answer.places):
            yield _rejected(row.id, bad_token())
        elif row.id in ids:
            yield Verdict(row.id, DUPLICATE)
        else:
            ids.add(row.id)
            yield _fact(row, items.get(row.item), answer)


def _fact(told: Told, item: int | None, shown: Shown | None) -> Fact:
    if shown is None:
        return Fact(told, item, None, None)
    return Fact(told, item, shown.answer, shown.places[told.item])


def _read(row: Any, kinds: Mapping[str, Kind], now: int) -> Told | Verdict:
    try:
        return read_row(row, kinds=kinds, now=now)
    except InvalidInputError as error:
        identifier = row.get("id") if isinstance(row, dict) else None
        return _rejected(identifier if isinstance(identifier, str) else "", error)


def _verdict(fact: Fact, stored: Stored | None) -> Verdict:
    told = fact.told
    reason = stored.dropped.get(told.id) if stored else None
    if reason is not None:
        return _dropped(told, reason)
    known = stored is not None and told.id in stored.duplicates
    return Verdict(told.id, DUPLICATE if known else STORED, clock=told.clock, ignored=told.ignored)


def _dropped(told: Told, reason: str) -> Verdict:
    return Verdict(told.id, DROPPED, reason=reason)


def _rejected(identifier: str, error: InvalidInputError) -> Verdict:
    return Verdict(identifier[:64], REJECTED, field=error.field, code=error.code, message=error.message)
