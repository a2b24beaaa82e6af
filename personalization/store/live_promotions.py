"""The running promotions and active segments as a process holds them: read once, and again when something was saved.

What one process holds is shared by its requests and never changed; a newer one takes its place.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.engine.promotions import Promotion
from personalization.engine.rules import RuleIndex, read_rule
from personalization.exceptions import InvalidInputError
from personalization.models import Promotion as PromotionRow
from personalization.models import Segment
from personalization.store.promotion_content import RULE_SCOPES, TARGET_SCOPES, State, benefit_of, micros
from personalization.store.segments import SCOPES
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from personalization.engine.rules import Facts, Rule, Scope, Vocabulary

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LivePromotion:
    """A running promotion: what the engine needs of it, and what the ledger does."""

    promotion: Promotion
    needs_code: bool
    limit_total: int | None
    limit_person: int | None


@dataclass(frozen=True, slots=True)
class Invalid:
    """A row whose rule cannot be read, so that it is left out. ``kind``: ``promotion`` or ``segment``."""

    kind: str
    id: int
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class LivePromotions:
    """``version``: the stamp at which it was read; ``promotions``: by id; ``segments``: by name."""

    version: int
    vocabulary: Vocabulary
    promotions: Mapping[int, LivePromotion]
    segments: Mapping[str, Rule]
    invalid: tuple[Invalid, ...]
    _automatic: RuleIndex[int]
    _for_everyone: tuple[int, ...]

    def automatic(self, facts: Facts) -> list[LivePromotion]:
        """The promotions that need no code and may match these facts, without looking at each of the others."""
        found = sorted({*self._for_everyone, *self._automatic.candidates(facts)})
        return [self.promotions[promotion] for promotion in found]


_live: dict[str, LivePromotions] = {}
_told: set[Invalid] = set()


def live_promotions(tenant: str, *, vocabulary: Vocabulary, version: int | None = None) -> LivePromotions:
    """What is running and active in a tenant. ``version``: the stamp, where the caller has read it already."""
    if version is None:
        version = read_stamp(RULES, tenant=tenant)  # before the rows: newer ones are then just read again
    held = _live.get(tenant)
    if held is not None and held.version == version and held.vocabulary is vocabulary:
        return held
    live = _live[tenant] = _read(tenant, vocabulary, version)
    return live


def forget_live_promotions() -> None:
    """Drop what this process holds."""
    _live.clear()
    _told.clear()


def _read(tenant: str, vocabulary: Vocabulary, version: int) -> LivePromotions:
    reader = _Reader(vocabulary)
    segments = {
        row.name: rule
        for row in Segment.objects.filter(tenant=tenant, active=True).order_by("pk")
        if (rule := reader.rule("segment", row.pk, row.rule, SCOPES)) is not None
    }
    rows = PromotionRow.objects.filter(tenant=tenant, state=State.RUNNING).order_by("pk")
    promotions = {row.pk: live for row in rows if (live := reader.promotion(row)) is not None}
    automatic = {pk: live.promotion.rule for pk, live in promotions.items() if not live.needs_code}
    return LivePromotions(
        version=version,
        vocabulary=vocabulary,
        promotions=promotions,
        segments=segments,
        invalid=tuple(reader.invalid),
        _automatic=RuleIndex({pk: rule for pk, rule in automatic.items() if rule is not None}),
        _for_everyone=tuple([pk for pk, rule in automatic.items() if rule is None]),
    )


class _Reader:
    """Reads the rules of rows, and keeps what cannot be read."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.invalid: list[Invalid] = []
        self._vocabulary = vocabulary

    def rule(self, kind: str, pk: int, text: str, scopes: Collection[Scope]) -> Rule | None:
        try:
            return read_rule(text, self._vocabulary, scopes=scopes)
        except InvalidInputError as error:
            self._leave_out(kind, pk, error)
            return None

    def promotion(self, row: PromotionRow) -> LivePromotion | None:
        try:
            return LivePromotion(
                _promotion(row, self._vocabulary), row.needs_code, row.limit_total, row.limit_person
            )
        except InvalidInputError as error:
            self._leave_out("promotion", row.pk, error)
            return None

    def _leave_out(self, kind: str, pk: int, error: InvalidInputError) -> None:
        invalid = Invalid(kind, pk, str(error))
        self.invalid.append(invalid)
        if invalid not in _told:
            _told.add(invalid)
            logger.warning("the %s #%s is left out: %s", kind, pk, error)


def _promotion(row: PromotionRow, vocabulary: Vocabulary) -> Promotion:
    """Raises InvalidInputError when something of the row cannot be used."""
    return Promotion(
        id=row.pk,
        version=row.version,
        title=row.title,
        benefit=benefit_of(row),
        currency=row.currency,
        rule=read_rule(row.rule, vocabulary, scopes=RULE_SCOPES) if row.rule else None,
        targets=read_rule(row.targets, vocabulary, scopes=TARGET_SCOPES) if row.targets else None,
        starts_at=micros(row.starts_at),
        ends_at=micros(row.ends_at),
        priority=row.priority,
    )
