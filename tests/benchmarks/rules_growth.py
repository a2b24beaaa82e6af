"""How the cost of matching grows with the number of stored rules: one visitor against 1,000 of them and against 10.

Both sides are ours; what is judged is the ratio, which must stay below 10 although there are 100 times as many rules.
"""

from __future__ import annotations

import json
import random
import time
from decimal import Decimal

from personalization.engine.rules import (
    Facts,
    Money,
    OrderFact,
    Rule,
    RuleIndex,
    Scope,
    default_vocabulary,
    matches,
    read_rule,
)
from tests.benchmarks import Measurement, interleave

SEED, MANY, FEW, GROUPS, ROUNDS, REPEATS = 3, 1_000, 10, 20, 31, 50
ITEMS, CATEGORIES, BRANDS = 5_000, 200, 200
DAY = 86_400_000_000
NOW = 1_795_867_200_000_000


def measure() -> Measurement:
    rules, visitor = _rules(), _visitor()
    few = [RuleIndex(dict(enumerate(rules[start : start + FEW]))) for start in range(0, MANY, MANY // GROUPS)]
    many = RuleIndex(dict(enumerate(rules)))
    found = many.matching(visitor)
    if found != [key for key, rule in enumerate(rules) if matches(rule, visitor)]:
        raise AssertionError("the index does not find what matches")
    sides = interleave(
        lambda: _micros([many], visitor, REPEATS), lambda: _micros(few, visitor, REPEATS // 5), rounds=ROUNDS
    )
    return Measurement(
        *sides,
        unit="microseconds per visitor",
        workload=(
            f"one visitor against {MANY:,} rules (our side) and against {FEW} of them (reference, mean of {GROUPS} such tens), seed {SEED}: 2 to 4 "
            f"conditions each, one of them on items, categories or brands bought, viewed or in the cart, out of {ITEMS:,}, "
            f"{CATEGORIES} and {BRANDS}; {len(many.candidates(visitor))} looked at, {len(found)} match; CPU, medians of "
            f"{ROUNDS} × {REPEATS}"
        ),
    )


def _rules() -> list[Rule]:
    chance, vocabulary = random.Random(SEED), default_vocabulary()
    return [read_rule(json.dumps(_rule(chance)), vocabulary, scopes=set(Scope)) for _ in range(MANY)]


def _rule(chance: random.Random) -> dict[str, object]:
    others = [
        {
            "kind": "cart.subtotal",
            "op": "at_least",
            "value": str(chance.randrange(10, 200)),
            "currency": "EUR",
        },
        {"kind": "visitor.orders", "op": "at_least", "value": chance.randrange(1, 5)},
        {"kind": "visitor.last_seen", "op": "within", "days": chance.randrange(1, 90)},
        {"not": {"kind": "context.device", "op": "any_of", "values": ["tablet"]}},
    ]
    return {"all": [*chance.sample(others, chance.randrange(1, 4)), _targeted(chance)]}


def _targeted(chance: random.Random) -> dict[str, object]:
    noun, size = chance.choice([("item", ITEMS), ("category", CATEGORIES), ("brand", BRANDS)])
    verb = chance.choice(["visitor.bought", "visitor.viewed", "cart.has"])
    values = [f"{noun} {chance.randrange(size)}" for _ in range(chance.randrange(1, 4))]
    return {"kind": f"{verb}_{noun}", "op": "any_of", "values": values}


def _visitor() -> Facts:
    """Who bought 10 items, viewed 50 and has three in the cart, of a few categories and brands as people do."""
    chance, values = random.Random(SEED + 1), dict[str, object]()
    for plural, noun, size, share in [
        ("items", "item", ITEMS, 1),
        ("categories", "category", CATEGORIES, 5),
        ("brands", "brand", BRANDS, 5),
    ]:
        for verb, count in [("visitor.bought", 10), ("visitor.viewed", 50)]:
            names = [f"{noun} {chance.randrange(size)}" for _ in range(count // share)]
            values[f"{verb}_{plural}"] = {name: NOW - chance.randrange(300) * DAY for name in names}
        values[f"cart.{plural}"] = {f"{noun} {chance.randrange(size)}": Decimal(1) for _ in range(3)}
    orders = tuple([OrderFact(NOW - days * DAY, Decimal("59.90"), "EUR") for days in (3, 40, 200)])
    return Facts(
        values
        | {"cart.subtotal": Money(Decimal("87.50"), "EUR"), "context.device": "mobile"}
        | {"visitor.orders": orders, "visitor.last_seen": NOW - DAY},
        NOW,
        "Europe/Berlin",
    )


def _micros(indexes: list[RuleIndex[int]], visitor: Facts, repeats: int) -> float:
    start = time.process_time_ns()
    for _ in range(repeats):
        for index in indexes:
            index.matching(visitor)
    return (time.process_time_ns() - start) / repeats / len(indexes) / 1000
