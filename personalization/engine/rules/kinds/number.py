"""Conditions on plain numbers: pieces in the cart, pieces in stock."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from personalization.engine.rules.columns import column_of
from personalization.engine.rules.facts import FactType, Numbers, Scope
from personalization.engine.rules.field import FieldType
from personalization.engine.rules.kinds.comparison import ComparisonKind, Measures, bound_fields
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.rules.facts import Columns, Facts
    from personalization.engine.rules.node import Condition


class NumberKind(ComparisonKind):
    """Compares a NUMBER; ``fact`` names it."""

    fact: str
    fields = bound_fields(FieldType.NUMBER, gettext_noop("Number"))

    def facts(self, condition: Condition) -> Mapping[str, FactType]:
        return {self.fact: FactType.NUMBER}

    def measure(self, condition: Condition, facts: Facts) -> Decimal | int | None:
        number = facts.find(self.fact)
        return number if isinstance(number, int | Decimal) else None

    def measure_columns(self, condition: Condition, columns: Columns) -> Measures:
        column = column_of(columns, self.fact, Numbers)
        return Measures(column.values, column.known)


class CartQuantity(NumberKind):
    code = "cart.quantity"
    scope = Scope.CART
    label = gettext_noop("Pieces in the cart")
    subject = gettext_noop("the number of pieces in the cart")
    fact = "cart.quantity"


class ItemStock(NumberKind):
    code = "item.stock"
    scope = Scope.ITEM
    label = gettext_noop("Pieces of the item in stock")
    subject = gettext_noop("the item’s stock")
    fact = "item.stock"
