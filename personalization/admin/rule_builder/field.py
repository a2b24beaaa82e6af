"""A rule as a field of a form: its value is JSON text, its widget the builder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from personalization.admin.rule_builder.posted import Posted
from personalization.admin.rule_builder.view import RowViews
from personalization.admin.rule_builder.widget import RuleWidget
from personalization.admin.rule_builder.written import write_rows
from personalization.engine.rules import InvalidRuleError, read_rule
from personalization.registry import get_vocabulary

if TYPE_CHECKING:
    from personalization.admin.rule_builder.use import RuleUse
    from personalization.engine.rules import RuleProblem


class RuleField(forms.Field):
    """Cleans to the canonical text of a rule; a builder without conditions to what its use says.

    What is wrong is told by row, and stands there when the form is shown again.
    """

    widget: RuleWidget

    def __init__(self, use: RuleUse, **options: Any) -> None:
        super().__init__(required=False, widget=RuleWidget(use), **options)
        self.use = use

    def clean(self, value: Any) -> str:
        posted = value if isinstance(value, Posted) else Posted()
        if posted.unreadable and not posted.replaced:
            raise forms.ValidationError(_("The stored rule cannot be shown: tick that it is to be replaced."))
        vocabulary = get_vocabulary()
        written = write_rows(posted.rows.settled(vocabulary), self.use, vocabulary)
        if not written.text:
            return ""
        try:
            return read_rule(written.text, vocabulary, scopes=self.use.scopes).text
        except InvalidRuleError as error:
            found: dict[str, list[RuleProblem]] = defaultdict(list)
            for problem in error.problems:
                found[written.row_at(problem.path)].append(problem)
            self.widget.problems = {row: tuple(problems) for row, problems in found.items()}
            marked = replace(posted, problems=self.widget.problems)
            views = RowViews(marked, "", self.use, vocabulary)
            raise forms.ValidationError(views.errors()) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True
