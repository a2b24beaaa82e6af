"""What a browser, or a shop's server, tells of one visitor: a batch of events, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import IntegrityError, OperationalError

from personalization.capture.beacon_row import (
    BROWSER_KINDS,
    MEASURED,
    SERVER_KINDS,
    Told,
    bad_token,
    read_row,
    required,
    unknown_item,
)
from personalization.capture.beacon_writer import Fact, Teller, store_facts
from personalization.capture.known_items import known_items
from personalization.exceptions import InvalidInputError
from personalization.store.events import events_database
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """What became of one event. ``clock``: our clock's time is stored; ``ignored``: fields that mean nothing here;
    ``reason``: why it was dropped; ``field``, ``code``, ``message``: why it was rejected."""

    id: str
    verdict: str
    clock: bool = False
    ignored: tuple[str, ...] = ()
    reason: str = ""
    field: str = ""
    code: str = ""
    message: str = ""


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
    judged = _judged(rows, shown, teller)
    facts = [fact for fact in judged if isinstance(fact, Fact)]
    if not facts:
        return Recorded(tuple([verdict for verdict in judged if isinstance(verdict, Verdict)]))
    stored = _stored(facts, teller)
    verdicts = [one if isinstance(one, Verdict) else _verdict(one.told, stored) for one in judged]
    return Recorded(tuple(verdicts), stored.identity)


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
) -> list[Fact | Verdict]:
    """What is to be written, and verdicts that need no writing."""
    keys = {row.item for row in rows if isinstance(row, Told) and row.item}
    items = known_items(keys, tenant=teller.tenant, now=teller.now)
    judged: list[Fact | Verdict] = []
    ids: set[str] = set()
    for row in rows:
        if isinstance(row, Verdict):
            judged.append(row)
            continue
        one = _judge(row, items.get(row.item), shown.get(row.token))
        if row.id in ids or (isinstance(one, Fact) and one.client_id in ids):
            one = Verdict(row.id, DUPLICATE)
        if isinstance(one, Fact):
            ids |= {row.id, one.client_id}
        judged.append(one)
    return judged


def _judge(told: Told, item: int | None, shown: Shown | None) -> Fact | Verdict:
    if item is None and told.item:
        return _rejected(told.id, unknown_item())
    if told.kind in MEASURED and not told.item:
        return _judge_campaign(told, shown)
    if shown is not None and told.item in shown.places:
        return Fact(told, item, shown.answer, shown.answer.key, shown.places[told.item])
    return _rejected(told.id, bad_token()) if told.token else Fact(told, item)


def _judge_campaign(told: Told, shown: Shown | None) -> Fact | Verdict:
    """An answer that was seen or clicked as a whole: that of a campaign."""
    if shown is None:
        return _rejected(told.id, bad_token())
    if shown.answer.campaign is None:
        return _rejected(told.id, required("item"))
    return Fact(told, None, shown.answer, shown.answer.key)


def _read(row: Any, kinds: Mapping[str, int], now: int) -> Told | Verdict:
    try:
        return read_row(row, kinds=kinds, now=now)
    except InvalidInputError as error:
        identifier = row.get("id") if isinstance(row, dict) else None
        return _rejected(identifier if isinstance(identifier, str) else "", error)


def _verdict(told: Told, stored: Stored) -> Verdict:
    if told.id in stored.dropped:
        return _dropped(told, stored.dropped[told.id])
    return Verdict(told.id, DUPLICATE if told.id in stored.duplicates else STORED, told.clock, told.ignored)


def _dropped(told: Told, reason: str) -> Verdict:
    return Verdict(told.id, DROPPED, reason=reason)


def _rejected(identifier: str, error: InvalidInputError) -> Verdict:
    return Verdict(identifier[:64], REJECTED, field=error.field, code=error.code, message=error.message)
