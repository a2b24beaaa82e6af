from dataclasses import replace

import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.errors import InvalidInputError
from personalization.engine.recommenders.category_popularity import PopularityByCategory
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.tables import pack_rows
from personalization.testing import RecommenderContract, checkerboard, make_interactions
from tests.engine.recommenders.data import random_interactions

#: 0, 1, 2, 6 are tea, 3, 4 cups, 5 has no category; nobody ever took 6. Visitors 10 and on make 1, 4, 2 … popular.
CATEGORIES = ("tea", "tea", "tea", "cups", "cups", "", "tea")


def shop(*own, categories=CATEGORIES):
    crowd = [1] * 8 + [0] * 5 + [2] * 3 + [4] * 6 + [3] * 2 + [5] * 20
    pairs = [(0, item) for item in own] + [(10 + place, item) for place, item in enumerate(crowd)]
    catalog = Catalog(titles=("",) * 7, categories=categories)
    return replace(make_interactions(pairs, n_visitors=60, n_items=7), catalog=catalog)


def recommended(interactions, visitor=0, **options):
    items, scores = PopularityByCategory(**options).fit(interactions).recommend(visitor, count=7)
    return items[items >= 0].tolist(), scores[items >= 0].tolist()


def test_the_best_of_the_own_category_and_of_no_other():
    items, scores = recommended(shop(0))
    assert items == [1, 2]
    assert scores == pytest.approx([8 / 17, 3 / 17])  # shares of the 17 visitors of tea


def test_the_mix_of_categories_decides():
    # two of his are tea, one is a cup: tea counts twice
    items, scores = recommended(shop(0, 2, 3))
    assert items == [1, 4]
    assert scores == pytest.approx([2 * 8 / (8 + 6 + 4), 6 / (6 + 3)])
    assert recommended(shop(2, 3))[0][0] == 4  # of equal parts, the larger share of its own


def test_without_categories_the_ranking_answers():
    plain = replace(shop(0), catalog=None)
    assert recommended(plain) == recommended(shop(0, categories=()))
    assert recommended(plain)[0] == Popularity().fit(plain).recommend(0, count=5)[0].tolist()
    assert recommended(shop(5))[0][:2] == [1, 4]  # what he has is of no category
    assert recommended(shop(0), visitor=59)[0][:2] == [5, 1]  # and who has nothing


def test_what_nobody_took_yet_has_neighbors_and_is_none():
    items, _ = PopularityByCategory().fit(shop(0)).neighbors(4)
    assert items[6].tolist() == [1, 0, 2, -1]
    assert items[1].tolist() == [0, 2, -1, -1]
    assert items[5].tolist() == [-1] * 4


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_item_has_the_best_others_however_short_the_list(length):
    tables = PopularityByCategory(list_length=length).fit(shop(0)).tables()
    tea = [1, 0, 2]  # best first
    for source in (0, 1, 2, 6):
        assert tables.neighbors.row(source)[0].tolist() == [item for item in tea if item != source][:length]


def test_old_favorites_fade():
    pairs = [(0, 0), *((v, 1) for v in range(1, 9)), *((v, 2) for v in range(9, 12))]
    day = 86_400_000_000
    world = make_interactions(pairs, n_visitors=12, n_items=3, times=[99 * day] + [0] * 8 + [99 * day] * 3)
    world = replace(world, catalog=Catalog(titles=("",) * 3, categories=("tea",) * 3))
    assert recommended(world)[0] == [2, 1]
    assert recommended(world, decay_days=None)[0] == [1, 2]


def test_the_size_is_told_before_anything_is_built():
    world = replace(random_interactions(), catalog=Catalog(titles=("",) * 200, categories=("a", "b") * 100))
    recommender = PopularityByCategory(list_length=20)
    tables = recommender.fit(world).tables()
    packed = [len(row) for table in (tables.neighbors, tables.weights) for _, row in pack_rows(table)]
    assert sum(packed) == recommender.table_bytes(200)


@pytest.mark.parametrize(
    ("options", "field"), [({"decay_days": 0}, "decay_days"), ({"list_length": 0}, "list_length")]
)
def test_hyper_parameters_are_refused_by_name(options, field):
    with pytest.raises(InvalidInputError) as refusal:
        PopularityByCategory(**options)
    assert refusal.value.field == field


class TestContract(RecommenderContract):
    """On the checkerboard, whose colors are categories: even visitors lack even items."""

    recommender = PopularityByCategory(decay_days=None)

    def fit(self, interactions=None):
        interactions = checkerboard() if interactions is None else interactions
        colors = tuple(
            "odd" if item % 2 and interactions.n_items == 10 else "even"
            for item in range(interactions.n_items)
        )
        return super().fit(
            replace(interactions, catalog=Catalog(titles=("",) * interactions.n_items, categories=colors))
        )
