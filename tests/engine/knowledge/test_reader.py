from typing import Any

import pytest

from personalization.engine.errors import InvalidInputError
from personalization.engine.knowledge import (
    Better,
    Change,
    Critique,
    Operator,
    Preference,
    Requirement,
    Utility,
    Wish,
    read_wish,
)


def test_everything_that_can_be_asked() -> None:
    asked = {
        "must": [{"field": "brand", "is": "Acme"}, {"field": "price", "at_most": 50}],
        "should": [
            {"field": "tags", "is_not": ["loud", "red"], "weight": 2},
            {"field": "category", "is": ["a"]},
        ],
        "utility": [{"field": "price", "better": "near", "weight": 3, "low": 1, "high": 9, "target": 5}],
        "like": "k1",
        "critiques": [{"field": "attribute:size", "change": "more"}],
    }
    assert read_wish(asked) == Wish(
        must=(
            Requirement("brand", Operator.IS, ("Acme",)),
            Requirement("price", Operator.AT_MOST, number=50),
        ),
        should=(
            Preference(Requirement("tags", Operator.IS_NOT, ("loud", "red")), 2),
            Preference(Requirement("category", Operator.IS, ("a",))),
        ),
        utility=(Utility("price", Better.NEAR, 3, 1, 9, 5),),
        like="k1",
        critiques=(Critique("attribute:size", Change.MORE),),
    )
    assert read_wish({}) == Wish()


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"musts": []}, "musts", "unknown"),
        ({"must": {}}, "must", "not_list"),
        ({"must": "x"}, "must", "not_list"),
        ({"must": [{"field": "brand", "is": "x"}] * 21}, "must", "too_long"),
        ({"must": [3]}, "must.0", "not_object"),
        ({"must": [{"is": "x"}]}, "must.0.field", "required"),
        ({"must": [{"field": 3, "is": "x"}]}, "must.0.field", "not_text"),
        ({"must": [{"field": "brand"}]}, "must.0.field", "not_one"),
        ({"must": [{"field": "brand", "is": "x", "is_not": "y"}]}, "must.0.field", "not_one"),
        ({"must": [{"field": "color", "is": "x"}]}, "must.0.field", "unknown"),
        ({"must": [{"field": "attribute:", "is": "x"}]}, "must.0.field", "unknown"),
        ({"must": [{"field": "brand", "is": "x", "weight": 1}]}, "must.0.weight", "unknown"),
        ({"must": [{"field": "brand", "is": 3}]}, "must.0.is", "not_text"),
        ({"must": [{"field": "brand", "is": []}]}, "must.0.is", "required"),
        ({"must": [{"field": "brand", "is": " "}]}, "must.0.is", "required"),
        ({"must": [{"field": "brand", "is": ["x"] * 51}]}, "must.0.is", "too_long"),
        ({"must": [{"field": "brand", "is": "x" * 256}]}, "must.0.is", "too_long"),
        ({"must": [{"field": "brand", "at_most": 3}]}, "must.0.at_most", "no_number"),
        ({"must": [{"field": "price", "is": "3"}]}, "must.0.is", "no_text"),
        ({"must": [{"field": "price", "at_most": "3"}]}, "must.0.at_most", "not_number"),
        ({"must": [{"field": "price", "at_most": True}]}, "must.0.at_most", "not_number"),
        ({"must": [{"field": "price", "at_most": float("nan")}]}, "must.0.at_most", "out_of_range"),
        ({"must": [{"field": "price", "at_most": 1e13}]}, "must.0.at_most", "out_of_range"),
        ({"should": [{"field": "brand", "is": "x", "weight": 0}]}, "should.0.weight", "out_of_range"),
        ({"should": [{"field": "brand", "is": "x", "weight": "2"}]}, "should.0.weight", "not_number"),
        ({"utility": [{"field": "price"}]}, "utility.0.better", "required"),
        ({"utility": [{"field": "price", "better": "most"}]}, "utility.0.better", "unknown"),
        ({"utility": [{"field": "price", "better": ["less"]}]}, "utility.0.better", "unknown"),
        ({"utility": [{"field": "tags", "better": "less"}]}, "utility.0.field", "no_number"),
        ({"utility": [{"field": "price", "better": "less", "low": 2, "high": 2}]}, "utility.0.high", "out_of_range"),
        ({"utility": [{"field": "price", "better": "less", "low": "2"}]}, "utility.0.low", "not_number"),
        ({"utility": [{"field": "price", "better": "near"}]}, "utility.0.target", "required"),
        ({"utility": [{"field": "price", "better": "less", "target": 3}]}, "utility.0.target", "unknown"),
        ({"utility": [{"field": "price", "better": "near", "target": "3"}]}, "utility.0.target", "not_number"),
        ({"like": 3}, "like", "not_text"),
        ({"critiques": [{"field": "price", "change": "less"}]}, "like", "required"),
        ({"like": "a", "critiques": [{"field": "price", "change": "other"}]}, "critiques.0.change", "unknown"),
        ({"like": "a", "critiques": [{"field": "brand", "change": "less"}]}, "critiques.0.change", "unknown"),
        ({"like": "a", "critiques": [{"field": "price"}]}, "critiques.0.change", "required"),
        ({"like": "a", "critiques": [{"field": "price", "change": {}}]}, "critiques.0.change", "unknown"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(asked: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_wish(asked)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_wish_holds_no_more_musts_than_bits() -> None:
    with pytest.raises(InvalidInputError) as refused:
        Wish(must=(Requirement("brand", Operator.IS, ("x",)),) * 65)
    assert refused.value.field == "must"
