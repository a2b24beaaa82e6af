"""Who matches, and would it match: asked of the builder as it stands."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.admin.rule_builder.visitor_part import visitor_part
from personalization.engine.rules import Scope, default_vocabulary, read_rule
from personalization.engine.types import IdentityKind, ItemRecord, Kind
from personalization.models import Item
from personalization.store.events import EventRow, Source, append_events
from personalization.store.items import item_ids, upsert_items
from personalization.store.visitors import ensure_visitors
from tests.goods import put

NOW = time.time_ns() // 1000
DAY = 86_400_000_000
URL = "/admin/personalization/promotion/rules/rule/"
BAGS = {"rule-1-kind": "visitor.bought_category", "rule-1-f-values": "Bags", "rule-1-f-days": "30"}
CART = {"rule-2-kind": "cart.subtotal", "rule-2-f-value": "50", "rule-2-f-currency": "EUR"}
ROWS = ["0::g", "1:0:c", "2:0:c"]


@pytest.fixture
def shoppers(db: None, goods: None) -> dict[str, int]:
    """Ann bought a bag ten days ago, Bob a hundred days ago, Cem nothing."""
    put("bag", price="20.00")
    upsert_items([ItemRecord("bag", category="Bags")], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    item = item_ids(["bag"], tenant="")["bag"]
    visitors = ensure_visitors(IdentityKind.USER, ["ann", "bob", "cem"], tenant="", now=NOW - 200 * DAY)
    bought = [
        EventRow(name.encode() * 5, Kind.PURCHASE, visitors[name], item, NOW - days * DAY, order=name)
        for name, days in (("ann", 10), ("bob", 100))
    ]
    append_events(bought, tenant="", source=Source.CODE, now=NOW)
    return visitors


def ask(client: Client, act: str, **data: Any) -> str:
    posted = {"rule-row": ROWS[:2], **BAGS, "rule-act": act, **data}
    return str(client.post(URL, posted).content.decode())


def test_who_matches_is_counted_over_the_real_visitors(chief: Client, shoppers: dict[str, int]) -> None:
    shown = ask(chief, "count")
    assert "<strong>1</strong> of 3 visitors (33.3 %)" in shown
    assert reverse("admin:personalization_visitor_change", args=[shoppers["ann"]]) in shown
    assert "only known when somebody shops" not in shown


def test_what_is_known_only_in_the_shop_counts_as_right(chief: Client, shoppers: dict[str, int]) -> None:
    shown = ask(chief, "count", **CART, **{"rule-row": ROWS})
    assert "<strong>1</strong> of 3 visitors" in shown
    assert "only known when somebody shops" in shown


def test_without_conditions_everybody_is_counted(chief: Client, shoppers: dict[str, int]) -> None:
    assert "<strong>3</strong> of 3 visitors (100.0 %)" in ask(chief, "count", **{"rule-row": ROWS[:1]})


def test_of_what_our_tables_do_not_say_nothing_is_said(chief: Client, shoppers: dict[str, int]) -> None:
    country = {"rule-1-kind": "visitor.country", "rule-1-f-values": "DE"}
    assert "Of 3 more it cannot be said beforehand." in ask(chief, "count", **country)


@pytest.mark.parametrize("who", ["user", "visitor"])
def test_it_matches_for_who_fulfills_it(chief: Client, shoppers: dict[str, int], who: str) -> None:
    key = "ann" if who == "user" else str(shoppers["ann"])
    assert "it matches." in ask(chief, "try", **{"rule-try-as": who, "rule-try-who": key})


def test_every_condition_in_the_way_is_told(chief: Client, shoppers: dict[str, int]) -> None:
    shown = ask(
        chief,
        "try",
        **CART,
        **{"rule-row": ROWS, "rule-try-who": "bob", "rule-try-as": "user", "rule-try-cart": "bag × 2"},
    )
    assert "it does not match" in shown
    assert "the visitor bought something of the category “Bags” in the last 30 days" in shown
    assert "the value of the cart is at least 50 EUR" in shown
    assert "<dd>40 EUR</dd>" in shown
    assert "<dd>10.00 EUR</dd>" in shown  # still missing


def test_what_is_not_known_is_said(chief: Client, shoppers: dict[str, int]) -> None:
    shown = ask(chief, "try", **{"rule-try-who": ""})
    assert "it cannot be said" in shown
    assert "not known" in shown


def test_another_time_is_tried(chief: Client, shoppers: dict[str, int]) -> None:
    in_two_months = {"rule-try-who": "ann", "rule-try-as": "user", "rule-try-at": "2999-01-01T12:00"}
    assert "No, on 2999-01-01 12:00 it does not match" in ask(chief, "try", **in_two_months)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"rule-try-who": "nobody", "rule-try-as": "user"}, "Nobody is known by this"),
        ({"rule-try-who": "9" * 40, "rule-try-as": "visitor"}, "Nobody is known by this"),
        ({"rule-try-who": "x\0", "rule-try-as": "visitor"}, "Nobody is known by this"),
        ({"rule-try-at": "yesterday"}, "There is no such day or time."),
        ({"rule-try-at": "2026-01-01T00:00+01:00"}, "There is no such day or time."),
        ({"rule-try-cart": "ghost × 2"}, "The shop has no item ghost."),
        ({"rule-try-cart": "bag\n" * 101}, "At most 100 lines."),
        ({"rule-1-f-values": ""}, "Add a condition, and complete those that are there."),
    ],
)
def test_what_cannot_be_tried_is_told(
    chief: Client, shoppers: dict[str, int], asked: dict[str, str], told: str
) -> None:
    assert told in ask(chief, "try", **asked)


VISITOR = {"kind": "visitor.returning", "op": "yes"}
ELSE = {"kind": "cart.quantity", "op": "at_least", "value": 1}


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (VISITOR, VISITOR),
        (ELSE, {"everyone": True}),
        ({"not": ELSE}, {"everyone": True}),
        ({"all": [VISITOR, ELSE]}, {"all": [VISITOR]}),
        ({"any": [VISITOR, ELSE]}, {"everyone": True}),
        ({"not": {"any": [VISITOR, ELSE]}}, {"not": {"any": [VISITOR]}}),
        ({"not": {"all": [VISITOR, ELSE]}}, {"everyone": True}),
        ({"all": [{"not": VISITOR}, {"any": [ELSE, VISITOR]}]}, {"all": [{"not": VISITOR}]}),
    ],
)
def test_the_visitor_part_leaves_nobody_out(rule: Any, part: Any) -> None:
    found, is_open = visitor_part(read_rule(json.dumps(rule), default_vocabulary(), scopes=list(Scope)))
    assert found is not None
    assert json.loads(found.text) == part
    assert is_open is (rule != part)


def test_who_matches_stays_while_somebody_is_tried(chief: Client, shoppers: dict[str, int]) -> None:
    counted = ask(chief, "count")
    assert 'name="rule-counted"' in counted
    tried = ask(chief, "try", **{"rule-counted": "1", "rule-try-who": "ann", "rule-try-as": "user"})
    assert "<strong>1</strong> of 3 visitors" in tried
    assert "it matches." in tried
    again = ask(chief, "count", **{"rule-tried": "1", "rule-try-who": "ann", "rule-try-as": "user"})
    assert "<strong>1</strong> of 3 visitors" in again
    assert "it matches." in again
    assert "of 3 visitors" not in ask(chief, "add:0", **{"rule-counted": "1"})


def test_keys_are_shown_with_what_they_stand_for(chief: Client, shoppers: dict[str, int]) -> None:
    upsert_items([ItemRecord("bag", title="Canvas <bag>")], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    bag = {"rule-1-kind": "visitor.bought_item", "rule-1-f-values": "bag\nunknown"}
    shown = ask(chief, "show:1", **bag)
    assert 'data-titles="{&quot;bag&quot;: &quot;Canvas &lt;bag&gt;&quot;}"' in shown
    assert "bag: Canvas &lt;bag&gt;" in shown
    assert "“Canvas &lt;bag&gt;”" in shown
    assert "“unknown”" in shown
    tried = ask(chief, "try", **bag, **{"rule-try-who": "cem", "rule-try-as": "user"})
    assert tried.count("“Canvas &lt;bag&gt;”") == 2  # in words, and among what stands in the way
