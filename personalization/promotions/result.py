"""What shops get back: a use that is held, or why there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from personalization.engine.promotions import RefusalCode, round_amount
from personalization.store.redemptions import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from personalization.engine.promotions import Share
    from personalization.engine.rules import Failure
    from personalization.store.redemptions import Entry


class HoldState(StrEnum):
    """What became of a use. ``run_out``: its time is over, whether or not anybody has given it back yet."""

    RESERVED = "reserved"
    REDEEMED = "redeemed"
    RELEASED = "released"
    RUN_OUT = "run_out"


class LedgerCode(StrEnum):
    """Why the ledger refuses: these are said to the shop's own code, never to a shopper."""

    KEY_REUSED = "key_reused"
    UNKNOWN_KEY = "unknown_key"
    RUN_OUT = "run_out"
    RELEASED = "released"
    OTHER_ORDER = "other_order"


@dataclass(frozen=True, slots=True)
class HeldShare:
    """What a line of the cart gets, as it was stored."""

    line: str
    item: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Held:
    """A use of a promotion as the ledger has it. ``reserved_until``: UTC microseconds."""

    key: str
    promotion: int
    promotion_version: int
    code: str
    state: HoldState
    amount: Decimal
    currency: str
    shares: tuple[HeldShare, ...]
    order: str
    reserved_until: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a code, or a promotion without one, gives nothing.

    ``reason``: what a shopper may be told, with the ``failures``; ``detail``: the truth, for staff alone. A code that is
    unknown, somebody else's, exhausted or over has the same ``reason`` as any text that was never a code.
    """

    code: str
    reason: RefusalCode | LedgerCode
    detail: RefusalCode | LedgerCode
    failures: tuple[Failure, ...] = ()
    promotion: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """``held`` is None when nothing is; ``refused`` says why, and also what did not apply beside what is held."""

    held: Held | None = None
    refused: tuple[Refused, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether something is held, or used."""
        return self.held is not None


def refusal(code: LedgerCode) -> Result:
    """A refusal of the ledger."""
    return Result(refused=(Refused("", code, code),))


def held_of(entry: Entry, key: str, *, now: int) -> Held:
    """An entry of the ledger as shops see it."""
    return Held(
        key=key,
        promotion=entry.promotion,
        promotion_version=entry.promotion_version,
        code=entry.code,
        state=_state(entry, now),
        amount=round_amount(entry.amount, entry.currency),
        currency=entry.currency,
        shares=read_shares(entry.shares),
        order=entry.order,
        reserved_until=entry.reserved_until,
    )


def write_shares(shares: Iterable[Share]) -> str:
    """Shares as the ledger stores them: canonical JSON, by line."""
    rows = sorted(
        [{"line": share.line, "item": share.item, "amount": str(share.amount)} for share in shares],
        key=lambda row: row["line"],
    )
    return json.dumps(rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_shares(text: str) -> tuple[HeldShare, ...]:
    """What `write_shares` wrote."""
    return tuple([HeldShare(row["line"], row["item"], Decimal(row["amount"])) for row in json.loads(text)])


def _state(entry: Entry, now: int) -> HoldState:
    if entry.state == State.REDEEMED:
        return HoldState.REDEEMED
    if entry.state == State.RELEASED:
        return HoldState.RELEASED
    return HoldState.RESERVED if entry.holds(now) else HoldState.RUN_OUT
