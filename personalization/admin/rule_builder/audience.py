"""Who matches: how many of the visitors there are, and some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.admin.people import name_people, names
from personalization.admin.rule_builder.segment_rules import segment_rules
from personalization.admin.rule_builder.visitor_part import visitor_part
from personalization.engine.rules import Everyone
from personalization.engine.rules.rule import rule_of
from personalization.models import Visitor
from personalization.store.audience import find_audience

if TYPE_CHECKING:
    from personalization.engine.rules import Rule

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Matches:
    """``sample``: number and name of some who match, newest first; ``unknown``: of how many it cannot be said; ``open``:
    parts of the rule are only known when somebody shops."""

    count: int
    total: int
    unknown: int
    open: bool
    sample: tuple[tuple[int, str], ...]

    @property
    def share(self) -> str:
        """Percent with one decimal."""
        return f"{100 * self.count / self.total:.1f}" if self.total else "0"


def find_matches(rule: Rule | None, *, tenant: str, now: int) -> Matches:
    """Who matches the visitor part of a rule now; without a rule, everyone."""
    part, is_open = visitor_part(rule or rule_of(Everyone()))
    if part is None:
        return Matches(0, 0, 0, is_open, ())
    found = find_audience(part, tenant=tenant, now=now, sample=_SHOWN, segments=segment_rules(tenant))
    rows = Visitor.objects.prefetch_related("identities").in_bulk(found.sample)
    name_people(rows.values(), tenant=tenant)
    sample = tuple([(visitor, names(rows[visitor])) for visitor in found.sample if visitor in rows])
    return Matches(found.matching, found.total, found.unknown, is_open, sample)
