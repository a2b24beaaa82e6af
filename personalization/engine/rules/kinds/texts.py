"""Conditions on several texts: what lies in the cart, the item's tags, the codes that were entered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from personalization.engine.rules.columns import column_of, counted, marked
from personalization.engine.rules.facts import FactType, Moments, OpenTexts, Scope
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.truth import Truth, truth_columns, truth_of
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.kind import Anchors
    from personalization.engine.rules.node import Condition

OPERATORS: Final = (
    Operator("any_of", gettext_noop("any of")),
    Operator("all_of", gettext_noop("all of")),
    Operator("none_of", gettext_noop("none of")),
)


class TextsKind(Kind):
    """Whether any, all or none of some values are among TEXTS; ``fact`` names them."""

    fact: str
    fact_type: ClassVar[FactType] = FactType.TEXTS
    operators = OPERATORS

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact: self.fact_type}

    def among(self, condition: Condition, facts: Facts) -> Collection[str] | None:
        """Those of the condition's values that are there, None when nothing is known."""
        found: Any = facts.find(self.fact)
        return None if found is None else [text for text in _values(condition) if text in found]

    def entries(self, condition: Condition, column: Moments, columns: Columns) -> NDArray[np.bool_]:
        """Which entries of the column are one of the condition's values."""
        return marked(column.vocabulary, _values(condition))[column.codes]

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        found = self.among(condition, facts)
        if found is None:
            return Truth.UNKNOWN
        settled = len(found) == len(_values(condition)) if condition.operator == "all_of" else bool(found)
        if not settled and isinstance(facts.find(self.fact), OpenTexts):
            return Truth.UNKNOWN
        return truth_of(settled is (condition.operator != "none_of"))

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        column = column_of(columns, self.fact, Moments)
        found = counted(self.entries(condition, column, columns), column.starts)
        if condition.operator == "all_of":
            return truth_columns(found == len(_values(condition)), column.known)
        return truth_columns((found > 0) == (condition.operator == "any_of"), column.known)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        found = self.among(condition, facts)
        actual = None if found is None else ", ".join(sorted(found))
        return Outcome(self.decide(condition, facts), self.expected(condition), actual)

    def texts(self, condition: Condition) -> Mapping[str, frozenset[str]]:
        return {self.fact: _values(condition)}

    def anchors(self, condition: Condition) -> Anchors | None:
        values = _values(condition)
        if condition.operator == "all_of":
            return frozenset([(self.fact, min(values))])
        return frozenset([(self.fact, text) for text in values]) if condition.operator == "any_of" else None

    def anchors_suffice(self, condition: Condition) -> bool:
        return condition.operator == "any_of"

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        refused = frozenset[str]().union(*(_values(one) for one in conditions if one.operator == "none_of"))
        return any(
            _values(one) & refused if one.operator == "all_of" else _values(one) <= refused
            for one in conditions
            if one.operator != "none_of"
        )

    def expected(self, condition: Condition) -> str:
        return self.shown(condition, str)["values"]


def _values(condition: Condition) -> frozenset[str]:
    values: Any = condition.values["values"]
    return values  # type: ignore[no-any-return]


def values_field(suggests: str = "") -> Field:
    return Field("values", FieldType.TEXTS, gettext_noop("Values"), suggests=suggests)


class CartHasItem(TextsKind):
    code = "cart.has_item"
    scope = Scope.CART
    label = gettext_noop("Items in the cart")
    fact = "cart.items"
    fields = (values_field("item"),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the cart has the item {values}"),
        "all_of": gettext_noop("the cart has the items {values}"),
        "none_of": gettext_noop("the cart does not have the item {values}"),
    }


class CartHasCategory(TextsKind):
    code = "cart.has_category"
    scope = Scope.CART
    label = gettext_noop("Categories in the cart")
    fact = "cart.categories"
    fields = (values_field("category"),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the cart has something of the category {values}"),
        "all_of": gettext_noop("the cart has something of each of the categories {values}"),
        "none_of": gettext_noop("the cart has nothing of the category {values}"),
    }


class CartHasBrand(TextsKind):
    code = "cart.has_brand"
    scope = Scope.CART
    label = gettext_noop("Brands in the cart")
    fact = "cart.brands"
    fields = (values_field("brand"),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the cart has something of the brand {values}"),
        "all_of": gettext_noop("the cart has something of each of the brands {values}"),
        "none_of": gettext_noop("the cart has nothing of the brand {values}"),
    }


class CartHasTag(TextsKind):
    code = "cart.has_tag"
    scope = Scope.CART
    label = gettext_noop("Tags in the cart")
    fact = "cart.tags"
    fields = (values_field("tag"),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the cart has something with the tag {values}"),
        "all_of": gettext_noop("the cart has something with each of the tags {values}"),
        "none_of": gettext_noop("the cart has nothing with the tag {values}"),
    }


class ItemTag(TextsKind):
    code = "item.tag"
    scope = Scope.ITEM
    label = gettext_noop("Tags of the item")
    fact = "item.tags"
    fields = (values_field("tag"),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the item has the tag {values}"),
        "all_of": gettext_noop("the item has the tags {values}"),
        "none_of": gettext_noop("the item does not have the tag {values}"),
    }


class ContextCode(TextsKind):
    code = "context.code"
    scope = Scope.CONTEXT
    label = gettext_noop("Codes that were entered")
    fact = "context.code"
    fields = (values_field(),)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the code {values} was entered"),
        "all_of": gettext_noop("the codes {values} were entered"),
        "none_of": gettext_noop("the code {values} was not entered"),
    }
