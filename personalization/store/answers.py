"""What was shown: one row per answer that somebody really saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.engine import ids
from personalization.models import Answer
from personalization.store.bulk import insert_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS: Final = (
    *("tenant", "key", "digest", "slot", "mode", "build"),
    *("arm", "propensity", "answered_at", "campaign"),
)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer as its row holds it. ``key``: the recommendation's id; ``answered_at``: UTC microseconds."""

    key: str
    slot: str
    mode: str
    answered_at: int
    build: int | None = None
    arm: str = ""
    propensity: float = 1.0
    campaign: int | None = None


def append_answers(answers: Iterable[AnswerRow], *, tenant: str) -> int:
    """Store answers that are not stored yet; how many are new. In one order everywhere: two writers of the same
    answers then wait for each other instead of locking each other out."""
    rows = [
        (
            *(tenant, answer.key, ids.digest(tenant, answer.key), answer.slot, answer.mode, answer.build),
            *(answer.arm, answer.propensity, answer.answered_at, answer.campaign),
        )
        for answer in sorted(answers, key=lambda answer: answer.key)
    ]
    return insert_rows(Answer, _COLUMNS, rows, ignore_conflicts=True) if rows else 0
