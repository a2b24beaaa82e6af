import numpy as np
import pytest

from personalization.engine.catalog import UNKNOWN_TIME
from personalization.exceptions import InvalidInputError
from personalization.measurement.items_file import ItemsFile

KEYS = np.array(["c", "b", "a"], dtype=object)
DAY = 86_400_000_000


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "items.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_columns_are_found_by_their_usual_names(write):
    path = write(
        "sku,title,category,tags,brand,listed_at,attribute:color,attribute:size\n"
        "a,An apple,fruit,red|round,Orchard,1970-01-02,red,\n"
        "x,Not in training,fruit,red,Orchard,1970-01-02,red,XL\n"
        "b,Bread,,|,,,,L\n"
    )
    catalog = ItemsFile(path, "sku").catalog(KEYS, zone="UTC")
    assert catalog.titles == ("", "Bread", "An apple")
    assert catalog.categories == ("", "", "fruit")
    assert catalog.tags == ((), (), ("red", "round"))
    assert catalog.brands == ("", "", "Orchard")
    assert catalog.attributes == ({}, {"size": "L"}, {"color": "red"})
    assert catalog.listed_at.tolist() == [UNKNOWN_TIME, UNKNOWN_TIME, DAY]
    assert catalog.prices is None


def test_columns_are_called_as_the_file_calls_them(write):
    path = write(
        "sku,name,kind,words,maker,cost,since\na,Apple,fruit,red,Orchard,1.25,1970-01-01T12:00\nb,Bread,,,,,\n"
    )
    named = ItemsFile(
        path,
        "sku",
        title="name",
        category="kind",
        tags="words",
        brand="maker",
        price="cost",
        listed_at="since",
    )
    catalog = named.catalog(KEYS, zone="Asia/Shanghai")
    assert catalog.titles == ("", "Bread", "Apple")
    assert (catalog.categories[2], catalog.tags[2], catalog.brands[2]) == ("fruit", ("red",), "Orchard")
    assert np.isnan(catalog.prices).tolist() == [True, True, False]
    assert catalog.prices[2] == 1.25
    assert catalog.listed_at[2] == 4 * 3_600_000_000


def test_what_no_column_tells_is_unknown_of_all(write):
    catalog = ItemsFile(write("sku,price\na,3\n"), "sku").catalog(KEYS, zone="UTC")
    assert catalog.titles == ("", "", "")
    assert (catalog.categories, catalog.tags, catalog.brands, catalog.attributes) == ((), (), (), ())
    assert (catalog.prices, catalog.listed_at) == (None, None)


def test_the_first_usual_name_counts_and_one_that_is_named_counts_alone(write):
    path = write("sku,first_sold_at,listed_at\na,1970-01-03,1970-01-02\n")
    assert ItemsFile(path, "sku").catalog(KEYS, zone="UTC").listed_at[2] == DAY
    named = ItemsFile(path, "sku", listed_at="first_sold_at")
    assert named.catalog(KEYS, zone="UTC").listed_at[2] == 2 * DAY
    assert ItemsFile(path, "sku", listed_at="").catalog(KEYS, zone="UTC").listed_at is None


def test_of_several_lines_of_an_item_the_last_holds(write):
    catalog = ItemsFile(write("sku,title\na,old\nb,other\na,new\n"), "sku").catalog(KEYS, zone="UTC")
    assert catalog.titles == ("", "other", "new")


@pytest.mark.parametrize(
    ("text", "named", "reason"),
    [
        ("sku,title\na,x\n", {"title": "name"}, "has no column 'name'"),
        ("id,title\na,x\n", {}, "has no column 'sku'"),
        ("sku,title\n,x\n", {}, "row 1 has no sku"),
        ("sku,cost\na,1\nb,cheap\n", {"price": "cost"}, "row 2 has cost 'cheap'"),
        ("sku,listed_at\na,soon\n", {}, "row 1 has listed_at 'soon'"),
    ],
)
def test_what_is_wrong_is_named(write, text, named, reason):
    with pytest.raises(InvalidInputError, match=reason) as refusal:
        ItemsFile(write(text), "sku", **named).catalog(KEYS, zone="UTC")
    assert refusal.value.field == "items"
