import math

import numpy as np
import pytest

from personalization.engine.catalog import Catalog
from personalization.engine.recommenders.content_rows import content_rows

EVERY = np.ones(3, np.bool_)


def table(catalog, kept=EVERY):
    return content_rows(catalog, kept).toarray()


def test_a_word_counts_by_its_rarity_and_each_item_has_length_one():
    rows = table(Catalog(titles=("red box", "red box", "box blue")))
    # "box" is in all titles and "blue" in one: neither compares anything
    assert rows.tolist() == [[1.0, 1.0, 0.0]]


def test_values_by_hand():
    rows = content_rows(Catalog(titles=("red box", "red", "box", "box", "")), np.ones(5, np.bool_)).toarray()
    red, box = math.log(5 / 2), math.log(5 / 3)
    length = math.hypot(red, box)
    assert rows == pytest.approx(np.array([[box / length, 0, 1, 1, 0], [red / length, 1, 0, 0, 0]]))


def test_what_is_said_twice_counts_once():
    assert np.array_equal(table(Catalog(("red red", "red", "x"))), table(Catalog(("red", "red", "x"))))


@pytest.mark.parametrize("name", ["categories", "brands"])
def test_labels_are_words_of_their_own(name):
    catalog = Catalog(titles=("", "", "red"), **{name: ("red", "red", "")})
    assert table(catalog).tolist() == [[1.0, 1.0, 0.0]]


def test_tags_are_words_of_their_own():
    catalog = Catalog(titles=("", "", "red"), tags=(("red", "old"), ("red",), ()))
    assert table(catalog).tolist() == [[1.0, 1.0, 0.0]]


def test_items_that_are_not_kept_say_nothing():
    catalog = Catalog(titles=("red", "red", "blue", "red"))
    rows = content_rows(catalog, np.array([True, False, True, True])).toarray()
    assert rows.tolist() == [[1.0, 0.0, 0.0, 1.0]]


def test_an_empty_catalog_has_no_rows():
    assert content_rows(Catalog(titles=()), np.zeros(0, np.bool_)).shape == (0, 0)
    assert content_rows(Catalog(titles=("", "")), np.ones(2, np.bool_)).shape == (0, 2)
