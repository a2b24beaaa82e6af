from typing import Any

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.knowledge import Requirement, read_wish
from personalization.engine.recommenders.knowledge_based import KnowledgeBased
from tests.engine.knowledge.lamps import CAMERA, DESK, FLOOR, LAMPS, TORCH, TRIPOD, find, is_


@pytest.mark.parametrize(
    ("must", "expected"),
    [
        (is_("category", "lamps"), [DESK, FLOOR, TORCH]),
        (is_("category", "Lamps", "Photo"), [DESK, FLOOR, TORCH, CAMERA]),
        ({"field": "brand", "is": "ACME"}, [DESK, TORCH]),
        ({"field": "brand", "is_not": ["Acme"]}, [FLOOR, CAMERA]),  # nobody knows the tripod's
        ({"field": "tags", "is_not": ["gift"]}, [FLOOR, CAMERA, TRIPOD]),  # it is known to have none
        (is_("tags", "travel", "steel"), [FLOOR, CAMERA]),
        ({"field": "price", "at_most": 30}, [DESK, TORCH]),
        ({"field": "price", "less_than": 30}, [TORCH]),
        ({"field": "price", "at_least": 80}, [FLOOR, CAMERA]),
        ({"field": "price", "more_than": 80}, [CAMERA]),
        ({"field": "attribute:weight", "at_least": 1.5}, [DESK, FLOOR]),
        (is_("attribute:weight", "Light"), [CAMERA]),
    ],
)
def test_each_condition_finds_the_items_that_meet_it(must: dict[str, Any], expected: list[int]) -> None:
    found = find(must=[must])
    assert found.order.tolist() == expected
    assert found.relaxed == ()
    assert found.scores.tolist() == [1.0] * len(expected)


def test_everything_fits_who_wants_nothing() -> None:
    assert find().order.tolist() == [DESK, FLOOR, TORCH, CAMERA, TRIPOD]


def test_a_catalog_of_which_only_titles_are_known_meets_nothing() -> None:
    base = KnowledgeBased(Catalog(("a", "b")))
    musts = [is_("tags", "x"), is_("brand", "x"), {"field": "price", "at_most": 1}, is_("attribute:a", "x")]
    for must in musts:
        assert len(base.find(read_wish({"must": [must, is_("category", "c")]})).relaxed) == 2


def test_shoulds_order_by_their_weights() -> None:
    found = find(
        must=[is_("category", "Lamps")], should=[is_("tags", "gift", weight=3), is_("brand", "Ajax")]
    )
    assert found.order.tolist() == [DESK, TORCH, FLOOR]
    assert found.scores.tolist() == [0.75, 0.75, 0.25]


def test_utilities_lie_between_the_least_and_the_largest_of_what_fits() -> None:
    found = find(must=[is_("category", "Lamps")], utility=[{"field": "price", "better": "less"}])
    assert found.order.tolist() == [TORCH, DESK, FLOOR]
    assert found.scores == pytest.approx([1.0, 50 / 68, 0.0])


def test_utilities_may_be_weighed_and_bounded() -> None:
    weight = {"field": "attribute:weight", "better": "more", "weight": 3, "low": 0, "high": 2}
    found = find(
        must=[is_("category", "Lamps")],
        utility=[weight, {"field": "price", "better": "near", "target": 30, "low": 0, "high": 50}],
    )
    scores = dict(zip(found.order.tolist(), found.scores.tolist(), strict=True))
    assert scores[DESK] == pytest.approx((3 * 0.75 + 1) / 4)
    assert scores[FLOOR] == pytest.approx((3 + np.exp(-1)) / 4)
    assert scores[TORCH] == pytest.approx((3 * 0.1 + np.exp(-18 / 50)) / 4)


@pytest.mark.parametrize(
    ("utility", "expected"),
    [
        ({"better": "less", "low": 1000}, 1.0),
        ({"better": "more", "low": 1000}, 0.0),
        ({"better": "less", "high": 1}, 0.0),
        ({"better": "more", "high": 1}, 1.0),
    ],
)
def test_borders_beyond_all_items(utility: dict[str, Any], expected: float) -> None:
    scores = find(must=[is_("category", "Lamps")], utility=[{"field": "price", **utility}]).scores
    assert scores.tolist() == [expected] * 3


def test_a_number_that_is_not_known_is_worth_nothing() -> None:
    found = find(utility=[{"field": "attribute:weight", "better": "less"}])
    assert found.order.tolist()[0] == TORCH
    assert dict(zip(found.order.tolist(), found.scores.tolist(), strict=True))[CAMERA] == 0.0


def test_the_fewest_musts_are_given_up() -> None:
    lamps, cheap, photo = is_("category", "Lamps"), {"field": "price", "at_most": 20}, is_("brand", "Bolt")
    found = find(must=[lamps, cheap, photo])
    assert [one.field for one in found.relaxed] == ["brand"]
    assert found.order.tolist() == [TORCH]
    assert len(found.relaxations) == 1  # giving up the category or the price leaves nothing


def test_of_several_ways_the_musts_named_last_are_given_up_and_all_ways_are_told() -> None:
    lamps, heavy = is_("category", "Lamps"), {"field": "price", "at_least": 300}
    found = find(must=[lamps, heavy])
    assert [one.field for one in found.relaxed] == ["price"]
    assert found.order.tolist() == [DESK, FLOOR, TORCH]
    told = [([one.field for one in each.dropped], each.items) for each in found.relaxations]
    assert told == [(["price"], 3), (["category"], 1)]
    assert [one.field for one in find(must=[heavy, lamps]).relaxed] == ["category"]


def test_relaxations_are_the_smallest_that_trying_all_sets_finds() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        table = rng.random((30, 8)) < 0.4
        attributes = tuple({str(n): "yes" for n in range(8) if row[n]} for row in table)
        musts = [is_(f"attribute:{n}", "yes") for n in range(8)]
        found = KnowledgeBased(Catalog(("",) * 30, attributes=attributes)).find(read_wish({"must": musts}))
        sizes = {
            kept.bit_count()
            for kept in range(256)
            if table[:, [n for n in range(8) if kept >> n & 1]].all(axis=1).any()
        }
        assert len(found.relaxed) == 8 - max(sizes)
        kept = [n for n in range(8) if not any(one.field == f"attribute:{n}" for one in found.relaxed)]
        assert found.order.tolist() == np.flatnonzero(table[:, kept].all(axis=1)).tolist()


def test_what_may_not_be_found_is_not_and_musts_are_given_up_for_it() -> None:
    allowed = np.array([True, True, False, True, True])
    found = find(must=[is_("category", "Lamps"), {"field": "price", "at_most": 20}], allowed=allowed)
    assert [one.field for one in found.relaxed] == ["price"]
    assert found.order.tolist() == [DESK, FLOOR]
    assert allowed[DESK]
    assert len(find(must=[is_("category", "Lamps")], allowed=np.zeros(5, bool)).order) == 0


def test_an_explanation_names_what_is_met_and_what_not() -> None:
    base = KnowledgeBased(LAMPS)
    wish = read_wish(
        {"must": [is_("category", "Lamps")], "should": [is_("tags", "gift", "outdoor"), is_("brand", "Ajax")]}
    )
    found = base.find(wish)
    first, second = base.explain(found, [0, 2])
    assert (first.row, first.score) == (DESK, 0.5)
    assert [one.field for one in first.satisfied] == ["category", "tags"]
    assert [one.field for one in first.violated] == ["brand"]
    assert second.row == FLOOR or second.row == TORCH
    assert all(isinstance(one, Requirement) for one in (*second.satisfied, *second.violated))


def test_cheaper_but_alike() -> None:
    found = find(like=DESK, critiques=[{"field": "price", "change": "less"}])
    assert found.order.tolist() == [TORCH]
    assert found.relaxed == ()


def test_lighter_and_of_another_brand() -> None:
    changes = [{"field": "attribute:weight", "change": "less"}, {"field": "brand", "change": "other"}]
    found = find(like=FLOOR, critiques=changes)
    assert found.order.tolist() == [DESK, TORCH]  # both lamps; the desk lamp's price is nearer


def test_the_category_is_given_up_first() -> None:
    found = find(like=FLOOR, critiques=[{"field": "price", "change": "more"}])
    assert [one.field for one in found.relaxed] == ["category"]
    assert found.order.tolist() == [CAMERA]


def test_an_item_like_another_comes_by_what_they_have_in_common() -> None:
    found = find(like=TORCH)
    assert found.order.tolist() == [DESK, FLOOR]
    assert TORCH not in found.order


def test_another_category_is_a_critique_too() -> None:
    assert find(like=DESK, critiques=[{"field": "category", "change": "other"}]).order.tolist() == [CAMERA]


@pytest.mark.parametrize(
    ("like", "field", "change"),
    [
        (TRIPOD, "price", "less"),
        (TRIPOD, "brand", "other"),
        (CAMERA, "attribute:weight", "less"),
        (TRIPOD, "attribute:weight", "other"),
    ],
)
def test_what_is_not_known_of_an_item_cannot_be_criticized(like: int, field: str, change: str) -> None:
    fine = {"field": "tags", "change": "other"} if like == CAMERA else None
    critiques = [one for one in (fine, {"field": field, "change": change}) if one]
    with pytest.raises(InvalidInputError) as refused:
        find(like=like, critiques=critiques)
    assert refused.value.field == f"critiques.{len(critiques) - 1}.field"
    assert refused.value.code == "not_known"
