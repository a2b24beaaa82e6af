"""Conditions on one text: the item's brand, the visitor's country, the shop's language …"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.engine.rules.columns import column_of, marked
from personalization.engine.rules.facts import FactType, Scope, Texts
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kind import Kind, Operator, Outcome
from personalization.engine.rules.truth import Truth, truth_columns, truth_of
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.kind import Anchors
    from personalization.engine.rules.node import Condition

OPERATORS: Final = (
    Operator("any_of", gettext_noop("is one of")),
    Operator("none_of", gettext_noop("is none of")),
)
_VALUES: Final = gettext_noop("Values")


class TextKind(Kind):
    """Whether a TEXT is, or is not, one of some values; ``fact`` names it."""

    fact: str
    operators = OPERATORS
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("{subject} is {values}"),
        "none_of": gettext_noop("{subject} is not {values}"),
    }

    def fact_of(self, condition: Condition) -> str:
        return self.fact

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact_of(condition): FactType.TEXT}

    def decide(self, condition: Condition, facts: Facts) -> Truth:
        text = facts.find(self.fact_of(condition))
        if text is None:
            return Truth.UNKNOWN
        return truth_of((text in _values(condition)) is (condition.operator == "any_of"))

    def decide_columns(self, condition: Condition, columns: Columns) -> NDArray[np.int8]:
        column = column_of(columns, self.fact_of(condition), Texts)
        among = marked(column.vocabulary, _values(condition))[column.codes]
        return truth_columns(among == (condition.operator == "any_of"), column.codes >= 0)

    def judge(self, condition: Condition, facts: Facts) -> Outcome:
        text = facts.find(self.fact_of(condition))
        actual = None if text is None else str(text)
        return Outcome(self.decide(condition, facts), self.expected(condition), actual)

    def anchors(self, condition: Condition) -> Anchors | None:
        if condition.operator != "any_of":
            return None
        fact = self.fact_of(condition)
        return frozenset([(fact, text) for text in _values(condition)])

    def anchors_suffice(self, condition: Condition) -> bool:
        return condition.operator == "any_of"

    def contradict(self, conditions: Sequence[Condition]) -> bool:
        wanted = [_values(condition) for condition in conditions if condition.operator == "any_of"]
        refused = [_values(condition) for condition in conditions if condition.operator == "none_of"]
        return bool(wanted) and not frozenset.intersection(*wanted).difference(*refused)


def _values(condition: Condition) -> frozenset[str]:
    values: Any = condition.values["values"]
    return values  # type: ignore[no-any-return]


def _texts(
    *, shape: str = "", letters: str = "", suggests: str = "", choices: Mapping[str, str] | None = None
) -> tuple[Field]:
    options = choices or {}
    return (
        Field(
            "values",
            FieldType.TEXTS,
            _VALUES,
            shape=shape,
            letters=letters,
            suggests=suggests,
            choices=options,
        ),
    )


class CartCurrency(TextKind):
    code = "cart.currency"
    scope = Scope.CART
    label = gettext_noop("Currency of the cart")
    subject = gettext_noop("the cart’s currency")
    fact = "cart.currency"
    fields = _texts(shape="[A-Z]{3}", letters="upper")


class VisitorCountry(TextKind):
    code = "visitor.country"
    scope = Scope.VISITOR
    label = gettext_noop("Country of the visitor")
    subject = gettext_noop("the visitor’s country")
    fact = "visitor.country"
    fields = _texts(shape="[A-Z]{2}", letters="upper")


class ItemKey(TextKind):
    code = "item.key"
    scope = Scope.ITEM
    label = gettext_noop("Item")
    subject = gettext_noop("the item")
    fact = "item.key"
    fields = _texts(suggests="item")


class ItemCategory(TextKind):
    code = "item.category"
    scope = Scope.ITEM
    label = gettext_noop("Category of the item")
    subject = gettext_noop("the item’s category")
    fact = "item.category"
    fields = _texts(suggests="category")


class ItemBrand(TextKind):
    code = "item.brand"
    scope = Scope.ITEM
    label = gettext_noop("Brand of the item")
    subject = gettext_noop("the item’s brand")
    fact = "item.brand"
    fields = _texts(suggests="brand")


class ItemAttribute(TextKind):
    code = "item.attribute"
    scope = Scope.ITEM
    label = gettext_noop("Attribute of the item")
    subject = gettext_noop("the item’s attribute {name}")
    fields = (Field("name", FieldType.TEXT, gettext_noop("Attribute")), *_texts())

    def fact_of(self, condition: Condition) -> str:
        return f"item.attribute:{condition.values['name']}"

    def about(self, condition: Condition) -> tuple[str, object]:
        return self.code, condition.values["name"]

    def expected(self, condition: Condition) -> str:
        return self.shown(condition, str)["values"]


class ContextStore(TextKind):
    code = "context.store"
    scope = Scope.CONTEXT
    label = gettext_noop("Store")
    subject = gettext_noop("the store")
    fact = "context.store"
    fields = _texts(suggests="store")


class ContextDevice(TextKind):
    code = "context.device"
    scope = Scope.CONTEXT
    label = gettext_noop("Device")
    subject = gettext_noop("the device")
    fact = "context.device"
    fields = _texts(
        choices={
            "desktop": gettext_noop("a computer"),
            "mobile": gettext_noop("a phone"),
            "tablet": gettext_noop("a tablet"),
        }
    )


class ContextLanguage(TextKind):
    code = "context.language"
    scope = Scope.CONTEXT
    label = gettext_noop("Language of the page")
    subject = gettext_noop("the page’s language")
    fact = "context.language"
    fields = _texts(shape="[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3}", letters="lower")
