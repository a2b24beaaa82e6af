"""Rules and facts as tests write them, and facts of several cases as columns."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from personalization.engine.instants import to_micros
from personalization.engine.rules import (
    Columns,
    Facts,
    FactType,
    InvalidRuleError,
    Moments,
    Moneys,
    Numbers,
    Orders,
    Scope,
    Texts,
    as_amount,
    default_vocabulary,
    read_rule,
)

if TYPE_CHECKING:
    from personalization.engine.rules import Rule, RuleProblem

DAY = 86_400_000_000
#: 2026-11-28 12:00:00 UTC, a Saturday.
NOW = 1_795_867_200_000_000
EVERYWHERE = frozenset(Scope)
BERLIN = "Europe/Berlin"


def rule(written: object, scopes: frozenset[Scope] = EVERYWHERE) -> Rule:
    """The rule of what JSON holds, or of its text."""
    text = written if isinstance(written, str | bytes) else json.dumps(written)
    return read_rule(text, default_vocabulary(), scopes=scopes)


def problems(written: object, scopes: frozenset[Scope] = EVERYWHERE) -> list[RuleProblem]:
    """Everything that is wrong with it."""
    try:
        rule(written, scopes)
    except InvalidRuleError as error:
        return list(error.problems)
    return []


def condition(kind: str, op: str, **fields: object) -> dict[str, object]:
    """``from_`` stands for the field ``from``."""
    return {"kind": kind, "op": op} | {name.rstrip("_"): value for name, value in fields.items()}


def facts(now: int = NOW, zone: str = "UTC", **values: object) -> Facts:
    """``cart__subtotal`` stands for the fact ``cart.subtotal``."""
    return Facts({name.replace("__", "."): value for name, value in values.items()}, now, zone)


def instant(text: str, zone: str = BERLIN, fold: int = 0) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


TYPES = {
    "cart.subtotal": FactType.MONEY,
    "cart.quantity": FactType.NUMBER,
    "cart.items": FactType.TEXTS,
    "cart.categories": FactType.TEXTS,
    "cart.brands": FactType.TEXTS,
    "cart.tags": FactType.TEXTS,
    "cart.currency": FactType.TEXT,
    "visitor.first_seen": FactType.INSTANT,
    "visitor.last_seen": FactType.INSTANT,
    "visitor.orders": FactType.ORDERS,
    "visitor.bought_items": FactType.MOMENTS,
    "visitor.bought_categories": FactType.MOMENTS,
    "visitor.bought_brands": FactType.MOMENTS,
    "visitor.bought_tags": FactType.MOMENTS,
    "visitor.viewed_items": FactType.MOMENTS,
    "visitor.viewed_categories": FactType.MOMENTS,
    "visitor.viewed_brands": FactType.MOMENTS,
    "visitor.viewed_tags": FactType.MOMENTS,
    "visitor.signed_in": FactType.FLAG,
    "visitor.holdout": FactType.FLAG,
    "visitor.country": FactType.TEXT,
    "item.key": FactType.TEXT,
    "item.category": FactType.TEXT,
    "item.brand": FactType.TEXT,
    "item.price": FactType.MONEY,
    "item.stock": FactType.NUMBER,
    "item.listed_at": FactType.INSTANT,
    "item.tags": FactType.TEXTS,
    "item.attribute:color": FactType.TEXT,
    "context.store": FactType.TEXT,
    "context.device": FactType.TEXT,
    "context.language": FactType.TEXT,
    "context.code": FactType.TEXTS,
}


def columns(cases: list[Facts], names: list[str]) -> Columns:
    """The named facts of the cases as columns; all others are shared, and must be the same for all."""
    first = cases[0]
    shared = {name: value for name, value in first.values.items() if name not in names}
    made = {name: column(TYPES[name], [case.values.get(name) for case in cases]) for name in names}
    return Columns(len(cases), made, first.now, first.zone, shared)


def column(type_: FactType, values: list[Any]) -> Any:
    known = np.array([value is not None for value in values])
    match type_:
        case FactType.NUMBER:
            return Numbers(np.array([float(value or 0) for value in values]), known)
        case FactType.INSTANT | FactType.FLAG:
            return Numbers(np.array([int(value or 0) for value in values], np.int64), known)
        case FactType.MONEY:
            found = [(as_amount(value.amount), value.currency) if value else (0, None) for value in values]
            codes, vocabulary = coded([currency for _, currency in found])
            return Moneys(np.array([amount for amount, _ in found], np.int64), codes, vocabulary)
        case FactType.TEXT:
            return Texts(*coded(values))
        case FactType.TEXTS:
            return moments([value and dict.fromkeys(sorted(value), 0) for value in values], known)
        case FactType.MOMENTS:
            return moments(values, known)
        case FactType.ORDERS:
            return orders(values, known)


def coded(texts: list[str | None]) -> tuple[np.ndarray, tuple[str, ...]]:
    vocabulary = sorted({text for text in texts if text is not None})
    rows = [-1 if text is None else vocabulary.index(text) for text in texts]
    return np.array(rows, np.int32), tuple(vocabulary)


def starts(values: list[Any]) -> np.ndarray:
    return np.cumsum([0, *[len(value or ()) for value in values]], dtype=np.int64)


def moments(values: list[Any], known: np.ndarray) -> Moments:
    entries = [entry for value in values for entry in (value or {}).items()]
    codes, vocabulary = coded([text for text, _ in entries])
    return Moments(starts(values), codes, np.array([at for _, at in entries], np.int64), vocabulary, known)


def orders(values: list[Any], known: np.ndarray) -> Orders:
    entries = [order for value in values for order in value or ()]
    codes, vocabulary = coded([None if order.amount is None else order.currency for order in entries])
    amounts = [as_amount(order.amount or Decimal(0)) for order in entries]
    at = np.array([order.at for order in entries], np.int64)
    return Orders(starts(values), at, np.array(amounts, np.int64), codes, vocabulary, known)
