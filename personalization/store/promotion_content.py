"""What people say of a promotion, before it is a row, and as its versions hold it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from personalization.engine import ids
from personalization.engine.instants import to_micros
from personalization.engine.promotions import AmountOff, PercentOff, exponent, parse_amount
from personalization.engine.rules import InvalidRuleError, Scope, read_rule
from personalization.exceptions import InvalidInputError
from personalization.models import Promotion
from personalization.store.versions import canonical

if TYPE_CHECKING:
    from datetime import datetime

    from personalization.engine.promotions import Benefit
    from personalization.engine.rules import Vocabulary

State = Promotion.State

#: Whose facts the two rules of a promotion may read: who and when; which lines.
RULE_SCOPES: Final = frozenset({Scope.CART, Scope.VISITOR, Scope.CONTEXT})
TARGET_SCOPES: Final = frozenset({Scope.ITEM})

_TITLE_LENGTH: Final = 255
_MOST: Final = 2_147_483_647
_PRIORITIES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class PromotionContent:
    """A promotion as people edit it.

    ``rule``: JSON text, '' for everyone; ``targets``: the same, '' for all lines; ``starts_at``, ``ends_at``: UTC
    microseconds, half-open, None without end; limits: None for none.
    """

    title: str
    benefit: Benefit
    currency: str
    state: State = State.DRAFT
    note: str = ""
    rule: str = ""
    targets: str = ""
    starts_at: int | None = None
    ends_at: int | None = None
    priority: int = 0
    needs_code: bool = False
    limit_total: int | None = None
    limit_person: int | None = None

    def columns(self) -> dict[str, Any]:
        """The content as a row holds it."""
        flat = {name: getattr(self, name) for name in self.__slots__}
        return flat | _benefit_columns(self.benefit)

    def to_json(self) -> str:
        """The content as versions hold it."""
        flat = self.columns() | {"state": self.state.name.lower()}
        flat["benefit"] = Promotion.Benefit(flat["benefit"]).name.lower()
        return canonical(flat | {name: _plain(flat[name]) for name in ("percent", "cap", "amount")})

    @classmethod
    def from_json(cls, text: str) -> PromotionContent:
        """What `to_json` wrote."""
        flat = json.loads(text)
        percent, cap, amount = [flat.pop(name) for name in ("percent", "cap", "amount")]
        kind = Promotion.Benefit[flat.pop("benefit").upper()]
        benefit = _benefit(kind, _decimal(percent), _decimal(cap), _decimal(amount))
        return cls(benefit=benefit, state=Promotion.State[flat.pop("state").upper()], **flat)

    @classmethod
    def of_row(cls, row: Promotion) -> PromotionContent:
        """What a row holds."""
        return cls(
            title=row.title,
            benefit=benefit_of(row),
            currency=row.currency,
            state=State(row.state),
            note=row.note,
            rule=row.rule,
            targets=row.targets,
            starts_at=micros(row.starts_at),
            ends_at=micros(row.ends_at),
            priority=row.priority,
            needs_code=row.needs_code,
            limit_total=row.limit_total,
            limit_person=row.limit_person,
        )


def checked_promotion(content: PromotionContent, vocabulary: Vocabulary) -> PromotionContent:
    """The same content with its rules in canonical text.

    Raises InvalidInputError naming the field that is wrong; of ``rule`` and ``targets`` an InvalidRuleError with all
    problems.
    """
    if not content.title.strip() or not ids.is_key(content.title):
        raise InvalidInputError("title", f"expected 1 to {_TITLE_LENGTH} characters")
    if ids.storable(content.note) != content.note:
        raise InvalidInputError("note", "it holds characters that no database can store")
    _check_amounts(content)
    _check_numbers(content)
    rule = content.rule and read_rule(content.rule, vocabulary, scopes=RULE_SCOPES).text
    try:
        targets = content.targets and read_rule(content.targets, vocabulary, scopes=TARGET_SCOPES).text
    except InvalidRuleError as error:
        error.field = "targets"
        raise
    return replace(content, rule=rule, targets=targets)


def benefit_of(row: Promotion) -> Benefit:
    """The benefit of a row, without the zeros that the column adds."""
    return _benefit(Promotion.Benefit(row.benefit), row.percent, row.cap, row.amount)


def micros(instant: datetime | None) -> int | None:
    """UTC microseconds of an instant that may be missing."""
    return None if instant is None else to_micros(instant)


def _check_amounts(content: PromotionContent) -> None:
    amounts = {"amount": content.benefit.amount} if isinstance(content.benefit, AmountOff) else {}
    if isinstance(content.benefit, PercentOff) and content.benefit.cap is not None:
        amounts["cap"] = content.benefit.cap
    exponent(content.currency)
    for field, amount in amounts.items():
        if parse_amount(f"{amount:f}", content.currency, field=field) <= 0:
            raise InvalidInputError(field, "expected more than 0")


def _check_numbers(content: PromotionContent) -> None:
    if content.starts_at is not None and content.ends_at is not None and content.starts_at >= content.ends_at:
        raise InvalidInputError("ends_at", "it ends before it starts")
    if not -_PRIORITIES <= content.priority <= _PRIORITIES:
        raise InvalidInputError("priority", f"expected −{_PRIORITIES} to {_PRIORITIES}")
    for field, limit in {"limit_total": content.limit_total, "limit_person": content.limit_person}.items():
        if limit is not None and not 0 <= limit <= _MOST:
            raise InvalidInputError(field, f"expected 0 to {_MOST}, or nothing")


def _benefit_columns(benefit: Benefit) -> dict[str, Any]:
    if isinstance(benefit, PercentOff):
        kind, percent, cap, amount = Promotion.Benefit.PERCENT, benefit.percent, benefit.cap, None
    else:
        kind, percent, cap, amount = Promotion.Benefit.AMOUNT, None, None, benefit.amount
    return {"benefit": kind, "percent": percent, "cap": cap, "amount": amount}


def _benefit(
    kind: Promotion.Benefit, percent: Decimal | None, cap: Decimal | None, amount: Decimal | None
) -> Benefit:
    if kind == Promotion.Benefit.PERCENT and percent is not None:
        return PercentOff(_trimmed(percent), None if cap is None else _trimmed(cap))
    if kind == Promotion.Benefit.AMOUNT and amount is not None:
        return AmountOff(_trimmed(amount))
    raise InvalidInputError("benefit", "it has no value")


def _trimmed(number: Decimal) -> Decimal:
    return Decimal(_plain(number) or "0")


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
