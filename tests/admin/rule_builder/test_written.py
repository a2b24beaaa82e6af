"""Rules come through the builder as they went in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings

from personalization.admin.rule_builder import RuleField, RuleUse
from personalization.admin.rule_builder.posted import Posted, read_posted
from personalization.admin.rule_builder.row import Row, Rows
from personalization.admin.rule_builder.written import rows_of, write_rows
from personalization.engine.rules import Scope, default_vocabulary, evaluate, read_rule
from tests.admin.building import inputs_of_html
from tests.engine.rules.strategies import cases, rules

EVERYTHING = RuleUse(frozenset(Scope), empty="", subject="%(sentence)s", nothing="-")  # type: ignore[arg-type]


def read(rule: Any) -> Any:
    text = rule if isinstance(rule, str) else json.dumps(rule)
    return read_rule(text, default_vocabulary(), scopes=list(Scope))


@settings(max_examples=40, deadline=None)
@given(rules(), cases())
def test_a_rule_means_the_same_after_it_went_through_a_page(rule: Any, found: Any) -> None:
    before = read(rule)
    field = RuleField(EVERYTHING)
    page = QueryDict(mutable=True)
    for name, value in inputs_of_html(field.widget.render("rule", before.text)):
        page.appendlist(name, value)
    after = read(field.clean(read_posted(page, "rule")))
    assert rows_of(after) == rows_of(read(field.clean(Posted(rows_of(after)))))
    for facts in found[0]:
        assert evaluate(after, facts).truth is evaluate(before, facts).truth


def test_groups_of_one_are_what_is_in_them_at_once() -> None:
    inner = {"not": {"kind": "visitor.returning", "op": "yes"}}
    rows = rows_of(read({"all": [{"all": [inner]}]}))
    assert json.loads(write_rows(rows, EVERYTHING, default_vocabulary()).text) == inner


@pytest.mark.parametrize(
    ("pointer", "row"),
    [
        ("", "0"),
        ("/all/0", "1"),
        ("/all/0/values/3", "1"),
        ("/all/1/not/any/0/kind", "3"),
        ("/elsewhere", "0"),
    ],
)
def test_a_place_in_the_text_leads_to_its_row(pointer: str, row: str) -> None:
    condition = Row("1", "0", kind="visitor.returning")
    group = [Row("2", "0", joint="none"), Row("3", "2"), Row("4", "2")]
    rows = Rows.of([Row("0", joint="all"), condition, *group])
    assert write_rows(rows, EVERYTHING, default_vocabulary()).row_at(pointer) == row
