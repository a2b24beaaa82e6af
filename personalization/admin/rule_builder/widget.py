"""The builder in a page: rows of inputs, beside them what the rule says, who matches, and whether somebody would."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms

from personalization.admin.rule_builder.audience import Matches, find_matches
from personalization.admin.rule_builder.posted import Posted, read_posted
from personalization.admin.rule_builder.reading import Reading, read_posted_rule
from personalization.admin.rule_builder.stored import Unreadable, shown_rule
from personalization.admin.rule_builder.titles import no_titles, values_in
from personalization.admin.rule_builder.trial import Trial, try_rule
from personalization.admin.rule_builder.view import RowViews
from personalization.registry import get_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from personalization.admin.rule_builder.titles import Titles
    from personalization.admin.rule_builder.use import RuleUse
    from personalization.engine.rules import RuleProblem


class RuleWidget(forms.Widget):
    """``tenant``, ``url`` (answers with the builder after a button), ``suggestions`` (answers what the shop has),
    ``currency``, ``find_titles`` (what values stand for) and ``may_see_people`` are the page's to set; ``problems`` are the field's."""

    template_name = "admin/personalization/rule_builder/builder.html"
    use_fieldset = True

    def __init__(self, use: RuleUse, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.use = use
        self.tenant = ""
        self.url = ""
        self.suggestions = ""
        self.currency = ""
        self.may_see_people = False
        self.find_titles: Callable[[Iterable[tuple[str, str]]], Titles] = no_titles
        self.problems: Mapping[str, tuple[RuleProblem, ...]] = {}

    class Media:
        css = {"all": ["personalization/rules.css"]}
        js = ["personalization/rules.js"]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Posted:
        return read_posted(data, name).acted()

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str | None) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        posted, unreadable = self._posted(value)
        vocabulary = get_vocabulary()
        posted = replace(posted, rows=posted.rows.settled(vocabulary), problems=self.problems)
        titles = self.find_titles(values_in(posted.rows, vocabulary))
        views = RowViews(posted, name, self.use, vocabulary, currency=self.currency, titles=titles)
        reading = read_posted_rule(posted.rows, self.use, vocabulary, titles)
        return {
            **super().get_context(name, "", attrs),
            "name": name,
            "builder": self,
            "unreadable": unreadable,
            "root": views.root(),
            "is_full": posted.rows.is_full,
            "is_replaced": posted.replaced,
            "reading": reading,
            "trial": posted.trial,
            **self._asked(posted, reading, titles),
        }

    def _posted(self, value: Any) -> tuple[Posted, Unreadable | None]:
        posted = value if isinstance(value, Posted) else Posted()
        text = posted.unreadable if isinstance(value, Posted) else value or ""
        shown = shown_rule(text, self.use)
        if isinstance(shown, Unreadable):
            return posted, shown
        return (posted if isinstance(value, Posted) else Posted(shown)), None

    def _asked(self, posted: Posted, reading: Reading, titles: Titles) -> dict[str, Matches | Trial | None]:
        """The answers to the two questions that a builder can be asked; one stays while the other is asked."""
        may, now = self.use.about_people and self.may_see_people, time.time_ns() // 1000
        counts = may and (posted.act == "count" or (posted.act == "try" and posted.counted))
        tries = may and (posted.act == "try" or (posted.act == "count" and posted.tried))
        tried = partial(try_rule, reading.rule, posted.trial, tenant=self.tenant, now=now, titles=titles)
        return {
            "matches": find_matches(reading.rule, tenant=self.tenant, now=now) if counts else None,
            "tried": tried() if tries else None,
        }
