from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.interactions import Interactions
from personalization.engine.recommenders.content_based import ContentBased
from personalization.testing import RecommenderContract
from personalization.testing.recommenders import checkerboard, make_interactions

#: One part at a time.
NOTHING: dict[str, float] = dict.fromkeys(
    ("words", "pieces", "tags", "category", "brand", "attributes", "price", "picture"), 0.0
)


def only(**weights: Any) -> ContentBased:
    return ContentBased(**{**NOTHING, **weights})


def likeness(recommender: ContentBased, catalog: Catalog) -> np.ndarray:
    """float64 (n, n), 0 where two items are no neighbors."""
    rows = recommender.compare(catalog)
    table = np.zeros((len(catalog), len(catalog)))
    for item in range(len(catalog)):
        columns, values = rows.row(item)
        table[item, columns] = values
    return table


def two_colors(n_items: int) -> Catalog:
    return Catalog(tuple(("white", "black")[item % 2] for item in range(n_items)))


class TestContract(RecommenderContract):
    """Even items are called alike, and so are odd ones."""

    recommender = ContentBased()

    def fit(self, interactions: Interactions | None = None) -> Any:
        told = checkerboard() if interactions is None else interactions
        catalog = two_colors(told.n_items) if told.n_items == 10 else None
        return self.recommender.fit(replace(told, catalog=catalog))


def test_a_shop_without_any_event_has_similar_items() -> None:
    catalog = Catalog(("Red cotton dress", "Blue mug", "Red cotton skirt", "Large blue mug", "Kettle"))
    fitted = ContentBased().fit(replace(make_interactions([], n_visitors=0, n_items=5), catalog=catalog))
    items, scores = fitted.neighbors(1)
    assert items[:, 0].tolist() == [2, 3, 0, 1, -1]
    assert np.isnan(scores[4, 0])


def test_an_item_that_nobody_has_is_recommended_to_who_has_its_like() -> None:
    catalog = Catalog(("Red mug", "Red mug large", "Lamp"))
    told = replace(make_interactions([(0, 0), (1, 2)], n_visitors=2, n_items=3), catalog=catalog)
    assert ContentBased().fit(told).recommend(0, count=1)[0].tolist() == [1]


def test_without_a_catalog_only_what_is_popular_is_known() -> None:
    tables = ContentBased().fit(checkerboard()).tables()
    assert tables.neighbors is None
    assert tables.weights is None
    assert tables.ranking is not None


def test_chinese_titles_need_no_dictionary() -> None:
    catalog = Catalog(("红色连衣裙", "蓝色马克杯", "夏季连衣裙 女", "大号马克杯", "苹果手机壳"))
    table = likeness(ContentBased(), catalog)
    assert table.argmax(axis=1)[:4].tolist() == [2, 3, 0, 1]
    assert not table[4].any()


def test_equal_titles_are_as_like_as_can_be_and_rare_words_say_more() -> None:
    catalog = Catalog(("blue mug", "blue mug", "blue lamp", "blue bowl", "blue cup", "green mug"))
    table = likeness(only(words=1.0), catalog)
    assert table[0, 1] == pytest.approx(1.0)
    assert table[0, 5] > table[0, 2] > 0  # mug is rarer than blue
    assert np.allclose(table, table.T)


def test_pieces_of_words_find_other_forms() -> None:
    catalog = Catalog(("dress", "dresses", "lamp"))
    assert not likeness(only(words=1.0), catalog).any()
    table = likeness(only(pieces=1.0), catalog)
    assert table[0, 1] > 0
    assert not table[2].any()


def test_closer_prices_are_more_alike() -> None:
    titles = ("mug",) * 4
    catalog = Catalog(titles, prices=np.array([10.0, 12.0, 100.0, np.nan]))
    table = likeness(only(words=1.0, price=1.0), catalog)
    assert table[0, 1] == pytest.approx((1 + np.exp(-np.log(1.2) / 0.5)) / 2)
    assert table[0, 1] > table[0, 2]
    assert table[0, 3] == pytest.approx(1 / np.sqrt(2))  # its price is not known
    assert table[0, 1] > likeness(only(words=1.0, price=1.0, price_band=0.1), catalog)[0, 1]


def test_an_equal_price_alone_makes_nothing_alike() -> None:
    catalog = Catalog(("mug", "lamp"), prices=np.array([10.0, 10.0]))
    assert not likeness(ContentBased(), catalog).any()


@pytest.mark.parametrize(
    ("part", "facts"),
    [
        ("tags", {"tags": (("Sea", "gift"), ("sea",), ("mountain",))}),
        ("category", {"categories": ("Cups", "Cups", "Lamps")}),
        ("brand", {"brands": ("ACME", "Acme", "Other")}),
        ("attributes", {"attributes": ({"color": "Red"}, {"color": "red"}, {"material": "red"})}),
    ],
)
def test_each_part_compares_what_it_is_called_after(part: str, facts: dict[str, Any]) -> None:
    catalog = Catalog(("", "", ""), **facts)
    table = likeness(only(**{part: 1.0}), catalog)
    assert table[0, 1] > 0
    assert not table[2].any()
    others = {name: 1.0 for name in ("words", "tags", "category", "brand", "attributes") if name != part}
    assert not likeness(only(**others), catalog).any()


def test_pictures_order_what_the_words_found() -> None:
    pictures = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0], [0, 0]], np.float32)
    catalog = Catalog(("mug",) * 5, pictures=pictures)
    table = likeness(only(words=1.0, picture=1.0), catalog)
    assert table[0, 1:4] == pytest.approx([0.8, 0.5, 0.5])  # opposite pictures say no more than unlike ones
    assert table[0, 4] == pytest.approx(1 / np.sqrt(2))


def test_what_more_than_the_widest_have_is_not_compared() -> None:
    catalog = Catalog(("mug",) * 4)
    assert likeness(only(words=1.0, widest=4), catalog).any()
    assert not likeness(only(words=1.0, widest=3), catalog).any()


def test_only_so_many_neighbors_are_kept() -> None:
    rows = ContentBased(neighbors=2).compare(Catalog(("mug",) * 5))
    assert np.diff(rows.indptr).tolist() == [2] * 5
    assert rows.row(4)[0].tolist() == [0, 1]  # ties by the lower row


def test_what_is_popular_is_added_where_it_is_asked_for() -> None:
    told = replace(checkerboard(), catalog=two_colors(10))
    assert ContentBased(prior_share=0.3).fit(told).tables().prior_share == 0.3


def test_tables_are_no_larger_than_promised() -> None:
    assert ContentBased(neighbors=3).table_bytes(10) == 2 * 10 * (12 + 6 * 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[(part, -1.0) for part in NOTHING],
        ("words", float("nan")),
        ("price", "much"),
        ("price_band", 0),
        ("widest", 1),
        ("neighbors", 0),
        ("prior_share", -0.1),
        ("prior_decay_days", 0),
        ("memory_budget_mb", 0),
    ],
)
def test_what_is_no_usable_parameter_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as refused:
        ContentBased(**{field: value})
    assert refused.value.field == field


def test_nothing_to_compare_by_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refused:
        only(price=1.0, picture=1.0)
    assert refused.value.field == "words"


def test_a_budget_that_is_too_small_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError) as refused:
        ContentBased(memory_budget_mb=0.001).compare(Catalog(("red mug",) * 100))
    assert refused.value.field == "memory_budget_mb"
