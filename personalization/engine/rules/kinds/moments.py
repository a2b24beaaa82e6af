"""Conditions on what a visitor bought or viewed, ever or in the last days."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from personalization.engine.rules.facts import FactType, Scope
from personalization.engine.rules.field import Field, FieldType
from personalization.engine.rules.kinds.texts import TextsKind, values_field
from personalization.engine.rules.wall_time import DAY
from personalization.engine.rules.words import gettext_noop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns, Facts, Moments
    from personalization.engine.rules.node import Condition

#: The longest time that is looked back.
MAX_DAYS = 3_650

DAYS = Field(
    "days", FieldType.WHOLE, gettext_noop("In the last … days"), required=False, low=1, high=MAX_DAYS
)


def since(condition: Condition, now: int) -> int | None:
    """The first instant that counts, None when all do."""
    days: Any = condition.values.get("days")
    return None if days is None else now - days * DAY


class MomentsKind(TextsKind):
    """Whether any, all or none of some values are among MOMENTS that are recent enough."""

    scope = Scope.VISITOR
    fact_type: ClassVar[FactType] = FactType.MOMENTS

    def among(self, condition: Condition, facts: Facts) -> Collection[str] | None:
        moments: Any = facts.find(self.fact)
        first = since(condition, facts.now)
        if moments is None or first is None:
            return super().among(condition, facts)
        values: Any = condition.values["values"]
        return [text for text in values if text in moments and moments[text] >= first]

    def entries(self, condition: Condition, column: Moments, columns: Columns) -> NDArray[np.bool_]:
        marks = super().entries(condition, column, columns)
        first = since(condition, columns.now)
        return marks if first is None else marks & (column.at >= first)

    def anchors_suffice(self, condition: Condition) -> bool:
        return super().anchors_suffice(condition) and "days" not in condition.values

    def about(self, condition: Condition) -> Hashable:
        return self.code, condition.values.get("days")


class BoughtItem(MomentsKind):
    code = "visitor.bought_item"
    label = gettext_noop("Items that were bought")
    fact = "visitor.bought_items"
    fields = (values_field("item"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor bought the item {values}"),
        "all_of": gettext_noop("the visitor bought the items {values}"),
        "none_of": gettext_noop("the visitor did not buy the item {values}"),
    }


class BoughtCategory(MomentsKind):
    code = "visitor.bought_category"
    label = gettext_noop("Categories that were bought from")
    fact = "visitor.bought_categories"
    fields = (values_field("category"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor bought something of the category {values}"),
        "all_of": gettext_noop("the visitor bought something of each of the categories {values}"),
        "none_of": gettext_noop("the visitor bought nothing of the category {values}"),
    }


class BoughtBrand(MomentsKind):
    code = "visitor.bought_brand"
    label = gettext_noop("Brands that were bought")
    fact = "visitor.bought_brands"
    fields = (values_field("brand"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor bought something of the brand {values}"),
        "all_of": gettext_noop("the visitor bought something of each of the brands {values}"),
        "none_of": gettext_noop("the visitor bought nothing of the brand {values}"),
    }


class BoughtTag(MomentsKind):
    code = "visitor.bought_tag"
    label = gettext_noop("Tags of what was bought")
    fact = "visitor.bought_tags"
    fields = (values_field("tag"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor bought something with the tag {values}"),
        "all_of": gettext_noop("the visitor bought something with each of the tags {values}"),
        "none_of": gettext_noop("the visitor bought nothing with the tag {values}"),
    }


class ViewedItem(MomentsKind):
    code = "visitor.viewed_item"
    label = gettext_noop("Items that were viewed")
    fact = "visitor.viewed_items"
    fields = (values_field("item"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor viewed the item {values}"),
        "all_of": gettext_noop("the visitor viewed the items {values}"),
        "none_of": gettext_noop("the visitor did not view the item {values}"),
    }


class ViewedCategory(MomentsKind):
    code = "visitor.viewed_category"
    label = gettext_noop("Categories that were viewed")
    fact = "visitor.viewed_categories"
    fields = (values_field("category"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor viewed something of the category {values}"),
        "all_of": gettext_noop("the visitor viewed something of each of the categories {values}"),
        "none_of": gettext_noop("the visitor viewed nothing of the category {values}"),
    }


class ViewedBrand(MomentsKind):
    code = "visitor.viewed_brand"
    label = gettext_noop("Brands that were viewed")
    fact = "visitor.viewed_brands"
    fields = (values_field("brand"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor viewed something of the brand {values}"),
        "all_of": gettext_noop("the visitor viewed something of each of the brands {values}"),
        "none_of": gettext_noop("the visitor viewed nothing of the brand {values}"),
    }


class ViewedTag(MomentsKind):
    code = "visitor.viewed_tag"
    label = gettext_noop("Tags of what was viewed")
    fact = "visitor.viewed_tags"
    fields = (values_field("tag"), DAYS)
    sentences: Mapping[str, str] = {
        "any_of": gettext_noop("the visitor viewed something with the tag {values}"),
        "all_of": gettext_noop("the visitor viewed something with each of the tags {values}"),
        "none_of": gettext_noop("the visitor viewed nothing with the tag {values}"),
    }
