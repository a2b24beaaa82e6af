"""A stored rule on its way into a builder; one that cannot be read any more is shown, and can be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from personalization.admin.rule_builder.row import Rows
from personalization.admin.rule_builder.written import NotEditableError, rows_of
from personalization.engine.rules import InvalidRuleError, read_rule
from personalization.registry import get_vocabulary

if TYPE_CHECKING:
    from personalization.admin.rule_builder.use import RuleUse


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A rule that the builder cannot show: its text, and why."""

    text: str
    problems: tuple[str, ...]


def shown_rule(text: str, use: RuleUse) -> Rows | Unreadable:
    """The rows of a stored rule, or the rule as it is and what is wrong with it."""
    if not text:
        return Rows()
    try:
        return rows_of(read_rule(text, get_vocabulary(), scopes=use.scopes))
    except InvalidRuleError as error:
        return Unreadable(text, tuple([f"{one.path or '/'}: {one.message}" for one in error.problems]))
    except NotEditableError:
        reason = gettext("It is valid, but it has more conditions, or other values, than this page can edit.")
        return Unreadable(text, (reason,))
