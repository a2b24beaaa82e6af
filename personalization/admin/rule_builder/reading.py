"""What the rows of a builder say: the rule in a sentence, and what is doubtful about it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from personalization.admin.rule_builder.titles import titled
from personalization.admin.rule_builder.written import write_rows
from personalization.conf import settings
from personalization.engine.rules import Everyone, InvalidRuleError, find_doubts, read_aloud, read_rule

if TYPE_CHECKING:
    from personalization.admin.rule_builder.row import Rows
    from personalization.admin.rule_builder.titles import Titles
    from personalization.admin.rule_builder.use import RuleUse
    from personalization.engine.rules import Rule, Vocabulary


@dataclass(frozen=True, slots=True)
class Reading:
    """``rule``: None while something is missing, and for a rule without conditions; ``sentence``: '' while something is
    missing; ``doubts``: what each is called, and what it says."""

    rule: Rule | None
    sentence: str
    doubts: tuple[tuple[str, str], ...] = ()


def read_posted_rule(rows: Rows, use: RuleUse, vocabulary: Vocabulary, titles: Titles) -> Reading:
    """The rows as they stand, finished or not."""
    written = write_rows(rows, use, vocabulary)
    if not written.text:
        return Reading(None, str(use.nothing))
    try:
        return reading_of(read_rule(written.text, vocabulary, scopes=use.scopes), use, titles)
    except InvalidRuleError:
        return Reading(None, "")


def reading_of(rule: Rule, use: RuleUse, titles: Titles | None = None) -> Reading:
    """A rule in the reader's language, with titles in the place of keys."""
    doubts = find_doubts(rule, zone=settings.time_zone, now=time.time_ns() // 1000)
    told = {f"{one.code}{one.path}": gettext(one.message) for one in doubts}
    return Reading(rule, _sentence(titled(rule, titles or {}), use), tuple(told.items()))


def _sentence(rule: Rule, use: RuleUse) -> str:
    if isinstance(rule.root, Everyone):
        return str(use.nothing)
    return str(use.subject) % {"sentence": read_aloud(rule, translate=gettext)}
