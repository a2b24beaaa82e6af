"""What a browser was promised, against what the rows say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

VISITOR = "SELECT i.visitor_id FROM personalization_identity i WHERE i.kind = 1 AND i.key = %s"
EVENTS = "SELECT e.occurred_at FROM personalization_event e WHERE e.visitor_id = %s"
HISTORY = (
    "SELECT i.key, v.views FROM personalization_vieweditem v "
    "JOIN personalization_item i ON i.id = v.item_id WHERE v.visitor_id = %s"
)


@dataclass(frozen=True, slots=True)
class Balance:
    """How many events were promised but not stored, stored more than once, stored but never promised, and how many
    views the history has too many or too few."""

    lost: int = 0
    twice: int = 0
    unpromised: int = 0
    history: int = 0


def stored(database):
    """How many events there are."""
    return database.rows("SELECT count(*) FROM personalization_event")[0][0]


def balance(database, browsers):
    """The sum over browsers; a browser that sent all it began has no unpromised events either."""
    ledgers = [_balance(database, browser) for browser in browsers if browser.acknowledged]
    return Balance(*(sum(column) for column in zip(*ledgers, strict=True)))


def _balance(database, browser):
    ((visitor,),) = database.rows(VISITOR, browser.key)
    promised = browser.acknowledged.values()
    stored = Counter(at for (at,) in database.rows(EVENTS, visitor))
    history = Counter(dict(database.rows(HISTORY, visitor)))
    seen = Counter(event.item for event in promised)
    instants = {event.at for event in promised}
    return (
        len(instants - stored.keys()),
        stored.total() - len(stored),
        len(stored.keys() - instants),
        sum(abs(history[item] - seen[item]) for item in history.keys() | seen.keys()),
    )
