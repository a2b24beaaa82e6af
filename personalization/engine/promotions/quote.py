"""What a cart gets from promotions. Nothing is changed: the answer is a value."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from personalization.engine.promotions.allocation import allocate
from personalization.engine.promotions.money import add_up, from_minor, round_amount, to_minor
from personalization.engine.rules.facts import Facts
from personalization.engine.rules.verdict import NO_SEGMENTS, evaluate, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from personalization.engine.promotions.cart import PricedCart, PricedLine
    from personalization.engine.promotions.promotion import Promotion
    from personalization.engine.rules.rule import Rule
    from personalization.engine.rules.verdict import Failure


class RefusalCode(StrEnum):
    """Why a promotion does not apply. The first are the engine's; the rest are added by who keeps the ledger."""

    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    CURRENCY = "currency"
    CONDITION_FAILED = "condition_failed"
    ZERO_EFFECT = "zero_effect"
    BEATEN = "beaten"
    INVALID_RULE = "invalid_rule"
    UNKNOWN = "unknown"
    EXHAUSTED = "exhausted"
    USED_UP_BY_PERSON = "used_up_by_person"
    PERSON_UNKNOWN = "person_unknown"
    NOT_YOURS = "not_yours"
    PAUSED = "paused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Share:
    """What one line gets, in major units: not less than 0, not more than the line costs."""

    line: str
    item: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion that applies. The shares of all lines it is for sum to ``amount``."""

    promotion: int
    version: int
    title: str
    code: str
    amount: Decimal
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A promotion that does not apply. ``failures``: every condition that stands in the way; ``beaten_by``: the id of
    the promotion that was worth more."""

    promotion: int
    code: str
    reason: RefusalCode
    failures: tuple[Failure, ...] = ()
    beaten_by: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart costs with its promotions, in major units."""

    currency: str
    subtotal: Decimal
    discount: Decimal
    total: Decimal
    applied: tuple[Applied, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def to_json(self) -> bytes:
        """Canonical JSON: the same for the same cart, in whatever order its lines stand."""
        content = {
            "currency": self.currency,
            "subtotal": str(self.subtotal),
            "discount": str(self.discount),
            "total": str(self.total),
            "applied": [_applied(one) for one in self.applied],
            "refused": [_refused(one) for one in self.refused],
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def quote_cart(
    cart: PricedCart,
    promotions: Iterable[Promotion],
    facts: Facts,
    *,
    segments: Mapping[str, Rule] = NO_SEGMENTS,
) -> Quote:
    """What the cart gets: the one promotion that is worth most to the shopper, and why each other does not apply.

    Of equals the one with the higher priority applies, then the one with the lower id. ``facts``: of the visitor and
    the page; those of the cart are added.
    """
    known = replace(facts, values={**facts.values, **cart.facts()})
    ordered = sorted(promotions, key=lambda one: (one.id, one.code))
    judged = [(one, _judge(one, cart, known, segments)) for one in ordered]
    offers = [(one, outcome) for one, outcome in judged if isinstance(outcome, Applied)]
    best = min(offers, key=lambda offer: (-offer[1].amount, -offer[0].priority, offer[0].id), default=None)
    refused = [
        outcome
        if isinstance(outcome, Refusal)
        else Refusal(one.id, one.code, RefusalCode.BEATEN, beaten_by=best[0].id if best else None)
        for one, outcome in judged
        if best is None or outcome is not best[1]
    ]
    subtotal = round_amount(cart.subtotal, cart.currency)
    discount = best[1].amount if best else from_minor(0, cart.currency)
    total = add_up([subtotal, discount.copy_negate()])
    applied = (best[1],) if best else ()
    return Quote(cart.currency, subtotal, discount, total, applied, tuple(refused))


def _judge(
    promotion: Promotion, cart: PricedCart, facts: Facts, segments: Mapping[str, Rule]
) -> Applied | Refusal:
    def refuse(reason: RefusalCode, failures: tuple[Failure, ...] = ()) -> Refusal:
        return Refusal(promotion.id, promotion.code, reason, failures)

    if promotion.starts_at is not None and facts.now < promotion.starts_at:
        return refuse(RefusalCode.NOT_STARTED)
    if promotion.ends_at is not None and facts.now >= promotion.ends_at:
        return refuse(RefusalCode.EXPIRED)
    if promotion.currency != cart.currency:
        return refuse(RefusalCode.CURRENCY)
    if promotion.rule is not None and not matches(promotion.rule, facts, segments):
        return refuse(RefusalCode.CONDITION_FAILED, evaluate(promotion.rule, facts, segments).failures)
    lines = [line for line in cart.lines if _is_target(promotion.targets, line, facts, segments)]
    shares = _shares(promotion, lines, cart.currency)
    if not any(share.amount for share in shares):
        return refuse(RefusalCode.ZERO_EFFECT)
    amount = add_up([share.amount for share in shares])
    return Applied(promotion.id, promotion.version, promotion.title, promotion.code, amount, shares)


def _is_target(targets: Rule | None, line: PricedLine, facts: Facts, segments: Mapping[str, Rule]) -> bool:
    return targets is None or matches(targets, replace(facts, values=line.facts), segments)


def _shares(promotion: Promotion, lines: list[PricedLine], currency: str) -> tuple[Share, ...]:
    """The discount of all lines, computed and rounded once, then split in proportion to what they cost."""
    totals = [to_minor(line.total, currency) for line in lines]
    discount = promotion.benefit.discount(from_minor(sum(totals), currency), currency)
    parts = allocate(to_minor(discount, currency), totals, caps=totals, order=[line.key for line in lines])
    return tuple(
        [
            Share(line.key, line.item, from_minor(part, currency))
            for line, part in zip(lines, parts, strict=True)
        ]
    )


def _applied(applied: Applied) -> dict[str, object]:
    return {
        "promotion": applied.promotion,
        "version": applied.version,
        "title": applied.title,
        "code": applied.code,
        "amount": str(applied.amount),
        "shares": [
            {"line": share.line, "item": share.item, "amount": str(share.amount)} for share in applied.shares
        ],
    }


def _refused(refusal: Refusal) -> dict[str, object]:
    return {
        "promotion": refusal.promotion,
        "code": refusal.code,
        "reason": refusal.reason.value,
        "failures": [_failed(failure) for failure in refusal.failures],
        "beaten_by": refusal.beaten_by,
    }


def _failed(failure: Failure) -> dict[str, object]:
    missing = None if failure.missing is None else str(failure.missing)
    return asdict(failure) | {"missing": missing}
