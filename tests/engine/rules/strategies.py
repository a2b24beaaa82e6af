"""Random rules over every kind, and random facts that they sometimes hold for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from personalization.engine.rules import (
    Facts,
    FactType,
    Field,
    FieldType,
    Money,
    OrderFact,
    default_vocabulary,
)
from tests.engine.rules.cases import BERLIN, DAY, NOW, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = ["a", "b", "帐篷"]
SHAPED = {"[A-Z]{3}": ["EUR", "USD"], "[A-Z]{2}": ["DE", "CN"]}
CURRENCIES = ["EUR", "USD"]
SEGMENTS = ["one", "two", "three"]
START = datetime.fromtimestamp(NOW / 1e6, UTC).replace(tzinfo=None)


def amounts() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 400_000).map(lambda scaled: Decimal(scaled) / 10_000) | st.sampled_from(
        [Decimal("0"), Decimal("12.5"), Decimal("20")]
    )


def written(field: Field) -> st.SearchStrategy[Any]:
    match field.type:
        case FieldType.WHOLE:
            return st.integers(max(field.low, 0), 4)
        case FieldType.NUMBER:
            return st.integers(0, 30) | amounts().map(lambda amount: f"{amount:f}")
        case FieldType.AMOUNT:
            return amounts().map(lambda amount: f"{amount:f}")
        case FieldType.CURRENCY:
            return st.sampled_from(CURRENCIES)
        case FieldType.TEXT:
            return st.just("color")
        case FieldType.TEXTS:
            pool = (
                SEGMENTS
                if field.suggests == "segment"
                else [*field.choices] or SHAPED.get(field.shape, WORDS)
            )
            pool = ["de", "zh-hans"] if field.shape.startswith("[a-z]") else pool
            return st.lists(st.sampled_from(pool), min_size=1, max_size=3)
        case FieldType.WALL:
            whole = st.integers(-3, 3).map(lambda days: (START + timedelta(days=days)).date().isoformat())
            return whole | st.integers(-50, 50).map(
                lambda hours: (START + timedelta(hours=hours)).isoformat()
            )
        case FieldType.CLOCK:
            return st.times().map(lambda clock: clock.isoformat("minutes"))


@st.composite
def conditions(draw: st.DrawFn, code: str | None = None) -> dict[str, Any]:
    kinds = [kind for kind in default_vocabulary() if code in (None, kind.code)]
    kind = draw(st.sampled_from(kinds))
    op = draw(st.sampled_from([operator.code for operator in kind.operators]))
    fields = {
        field.name: draw(written(field))
        for field in kind.fields
        if field.takes_part(op) and (field.required or draw(st.booleans()))
    }
    if op == "between":
        fields["low"], fields["high"] = sorted((fields["low"], fields["high"]), key=Decimal)
    if kind.code == "context.dates" and not fields.get("from", "") < fields.get("until", "")[:10]:
        fields = {"from": "2026-11-28"}
    if kind.code == "context.hours" and fields["from"] == fields["until"]:
        fields |= {"from": "22:00", "until": "06:00"}
    return {"kind": kind.code, "op": op, **fields}


def rules(codes: tuple[str | None, ...] = (None,)) -> st.SearchStrategy[dict[str, Any]]:
    leaf = st.one_of([conditions(code) for code in codes])
    groups = st.recursive(
        leaf,
        lambda below: (
            st.lists(below, min_size=1, max_size=3).map(lambda nodes: {"all": nodes})
            | st.lists(below, min_size=1, max_size=3).map(lambda nodes: {"any": nodes})
            | below.map(lambda node: {"not": node})
        ),
        max_leaves=6,
    )
    return groups.filter(lambda node: depth(node) <= 8)


def depth(node: Any) -> int:
    below = node.get("all") or node.get("any") or ([node["not"]] if "not" in node else [])
    return 1 + max((depth(child) for child in below), default=0)


def instants() -> st.SearchStrategy[int]:
    on_the_edge = st.integers(0, 5).map(lambda days: NOW - days * DAY)
    return on_the_edge | st.integers(NOW - 6 * DAY, NOW + DAY)


def values(name: str) -> st.SearchStrategy[Any]:
    words = st.sampled_from(WORDS)
    match TYPES[name]:
        case FactType.NUMBER:
            known: st.SearchStrategy[Any] = amounts() | st.integers(0, 30)
        case FactType.MONEY:
            known = st.builds(Money, amounts(), st.sampled_from(CURRENCIES))
        case FactType.TEXT:
            known = st.sampled_from([*WORDS, "EUR", "USD", "DE", "CN", "mobile", "tablet", "de", "zh-hans"])
        case FactType.TEXTS:
            known = st.frozensets(words)
        case FactType.MOMENTS:
            known = st.dictionaries(words, instants())
        case FactType.ORDERS:
            order = st.builds(OrderFact, instants(), st.none() | amounts(), st.sampled_from(CURRENCIES))
            known = st.lists(order, max_size=3).map(tuple)
        case FactType.FLAG:
            known = st.booleans()
        case FactType.INSTANT:
            known = instants()
    return st.none() | known


@st.composite
def cases(draw: st.DrawFn, asked: Iterable[str] = TYPES) -> tuple[list[Facts], list[str]]:
    """Several cases with the facts that are asked for, and the names of those that differ between them."""
    names = sorted(asked)
    varying = [name for name in names if draw(st.integers(0, 4))]
    shared = {name: draw(values(name)) for name in names if name not in varying}
    zone = draw(st.sampled_from(["UTC", BERLIN, "Asia/Shanghai"]))
    many = draw(st.integers(1, 4))
    return [
        Facts(shared | {name: draw(values(name)) for name in varying}, NOW, zone) for _ in range(many)
    ], varying
