"""How many people a rule holds for: columns of everybody, against one person after the other.

The reference is the loop that a Django developer writes over the code for one person, which serves pages. Both sides
must find the same people. They live in a tenant of their own, which is emptied afterwards.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from django.core.management import call_command
from django.db import connection

from personalization.engine.rules import Facts, Scope, default_vocabulary, matches, read_rule
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Event, Item, ViewedItem, Visitor
from personalization.models import Identity as IdentityRow
from personalization.store.audience import find_audience
from personalization.store.visitor_facts import read_visitor_facts
from tests.benchmarks import Measurement, interleave
from tests.store.histories import NOW, crowd

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalization.engine.rules import Rule

SEED, PEOPLE, EVENTS, ROUNDS = 5, 10_000, 50, 3
TENANT: Final = "who-matches-benchmark"
RULE: Final = """{"all": [
  {"kind": "visitor.spent", "op": "at_least", "value": "90.00", "currency": "EUR", "days": 365},
  {"not": {"kind": "visitor.viewed_category", "op": "any_of", "values": ["Tea"], "days": 100}}
]}"""


def measure() -> Measurement:
    call_command("migrate", verbosity=0)
    forget_people()
    rule = read_rule(RULE, default_vocabulary(), scopes=[Scope.VISITOR])
    keys = crowd(PEOPLE, events=EVENTS, seed=SEED, tenant=TENANT)
    found: set[int] = set()

    def together() -> int:
        return find_audience(rule, tenant=TENANT, now=NOW, segments={}).matching

    def one_by_one() -> int:
        return sum(holds(rule, key) for key in keys)

    try:
        sides = interleave(measured(together, found), measured(one_by_one, found), rounds=ROUNDS)
    finally:
        forget_people()
    if len(found) != 1:
        raise AssertionError(f"the two sides found {sorted(found)} people")
    return Measurement(
        *sides,
        unit="s wall",
        workload=(
            f"{PEOPLE} people × {EVENTS} events, spent and viewed, {found.pop()} match, seed {SEED},"
            f" on {connection.vendor}; medians of {ROUNDS}"
        ),
    )


def holds(rule: Rule, key: str) -> bool:
    identity = Identity(IdentityKind.USER, key)
    return matches(rule, Facts(read_visitor_facts(identity, tenant=TENANT, now=NOW, names=rule.facts), NOW))


def measured(work: Callable[[], int], found: set[int]) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        found.add(work())
        return time.perf_counter() - start

    return once


def forget_people() -> None:
    for model in (Event, ViewedItem, IdentityRow, Visitor, Item):
        model.objects.filter(tenant=TENANT).delete()
