import numpy as np
import pytest

from personalization.engine.catalog import UNKNOWN_TIME
from personalization.exceptions import InvalidInputError
from personalization.measurement.items_file import ItemsFile
from personalization.measurement.split_files import Columns, SplitKind, read_any_split, read_split


@pytest.fixture
def files(tmp_path):
    def files(train, test):
        for name, text in (("train", train), ("test", test)):
            (tmp_path / name).write_text(text)
        return str(tmp_path / "train"), str(tmp_path / "test")

    return files


TRAIN = (
    "who,what,at,n,value\nb,Z,2020-01-02,1,2\na,10,2020-01-01,2,1\na,9,2020-01-03,1,1\na,9,2020-01-04,-1,1\n"
)
TEST = "who,what\na,10\na,new\nc,Z\nc,Z\n"


def pairs(interactions):
    return list(zip(interactions.visitors.tolist(), interactions.items.tolist(), strict=True))


def test_the_highest_key_has_the_lowest_row(files):
    split = read_split(*files(TRAIN, TEST), columns=Columns("who", "what", time="at"))
    # c b a; "new" "Z" "9" "10"
    assert pairs(split.train) == [(1, 1), (2, 3), (2, 2), (2, 2)]
    assert (split.train.n_visitors, split.train.n_items) == (3, 4)
    assert pairs(split.test) == [(0, 1), (2, 0), (2, 3)]
    assert split.known.tolist() == [False, True, True, True]


def test_repeats_come_from_training_unless_the_file_says(files):
    columns = Columns("who", "what")
    assert read_split(*files(TRAIN, TEST), columns=columns).test.repeat.tolist() == [False, False, True]
    told = "who,what,repeat,again\na,10,0,1\na,10,0,0\nc,Z,1,0\n"
    assert read_split(*files(TRAIN, told), columns=columns).test.repeat.tolist() == [True, False]
    named = Columns("who", "what", repeat="again")
    assert read_split(*files(TRAIN, told), columns=named).test.repeat.tolist() == [False, True]


def test_a_named_repeat_column_must_exist(files):
    with pytest.raises(InvalidInputError, match=r"test: .* has no column 'again'"):
        read_split(*files(TRAIN, TEST), columns=Columns("who", "what", repeat="again"))


def test_cancellations_are_netted(files):
    split = read_split(*files(TRAIN, TEST), columns=Columns("who", "what", quantity="n"))
    assert pairs(split.train) == [(1, 1), (2, 3)]


def test_what_is_later_than_as_of_is_not_learned_from(files):
    columns = Columns("who", "what", time="at")
    day = 86_400_000_000
    second = 18_263 * day  # 2020-01-02
    split = read_split(*files(TRAIN, TEST), columns=columns, as_of=second)
    assert pairs(split.train) == [(1, 1), (2, 3)]
    assert split.train.as_of == second
    with pytest.raises(InvalidInputError, match="train: nothing is left"):
        read_split(*files(TRAIN, TEST), columns=columns, as_of=0)


def test_values_are_weights(files):
    split = read_split(*files(TRAIN, TEST), columns=Columns("who", "what", value="value"))
    assert split.train.weights.tolist() == [2, 1, 1, 1]
    with pytest.raises(InvalidInputError, match="train: row 4: n must be more than 0"):
        read_split(*files(TRAIN, TEST), columns=Columns("who", "what", value="n"))


def test_named_columns_must_exist(files):
    with pytest.raises(InvalidInputError, match=r"train: .* has no column 'order_id'"):
        read_split(*files(TRAIN, TEST), columns=Columns("who", "what", order="order_id"))


def test_what_comes_back_after_the_cut_was_still_bought_before_it(tmp_path):
    path = tmp_path / "train"
    path.write_text(
        "who,what,at,n\na,X,2020-01-01,1\na,Y,2020-01-02,1\na,X,2020-01-08,-1\na,Z,2020-01-09,1\n"
    )
    columns = Columns("who", "what", time="at", quantity="n")
    cut = 1_578_268_800_000_000  # 2020-01-06
    split = read_any_split(SplitKind.TEMPORAL, str(path), None, columns=columns, cut=cut)
    assert pairs(split.train) == [(0, 2), (0, 1)]
    assert pairs(split.test) == [(0, 0)]


TOLD = (
    "who,what,at,n,paid,order,stars\n"
    "a,X,2020-01-01,2,1.50,o2,\n"
    "a,Y,2020-01-01,1,,o2,4\n"
    "b,X,2020-01-03,1,2.50,o1,1\n"
    "b,X,2020-01-04,-1,9,o3,\n"
    "c,X,2020-01-09,3,4,,5\n"
)


def test_what_a_line_says_besides_is_kept_with_it(files):
    columns = Columns("who", "what", time="at", quantity="n", price="paid", order="order", rating="stars")
    train = read_split(*files(TOLD, "who,what\na,X\n"), columns=columns).train
    assert pairs(train) == [(2, 1), (2, 0), (0, 1)]
    assert train.quantities.tolist() == [2, 1, 3]
    np.testing.assert_equal(train.prices, np.array([1.5, np.nan, 4], np.float32))
    assert train.orders[0] == train.orders[1] >= 0
    assert train.orders[2] == -1
    np.testing.assert_equal(train.ratings, np.array([np.nan, 4, 5], np.float32))
    plain = read_split(*files(TOLD, "who,what\na,X\n"), columns=Columns("who", "what")).train
    assert (plain.quantities, plain.prices, plain.orders, plain.ratings) == (None, None, None, None)


@pytest.fixture
def items(tmp_path):
    path = tmp_path / "items"
    path.write_text("what,title,price,listed_at\nX,An X,7,2020-01-02\nnew,Not trained,8,2020-01-01\n")
    return ItemsFile(str(path), "what")


def test_items_become_a_catalog_in_the_rows_of_training(files, items):
    paths = files(TOLD, "who,what\na,X\na,later\n")
    assert read_split(*paths, columns=Columns("who", "what")).train.catalog is None
    catalog = read_split(*paths, columns=Columns("who", "what"), items=items).train.catalog
    assert catalog.titles == ("", "", "An X")  # later Y X
    assert catalog.prices is None


def test_a_catalog_knows_nothing_of_what_comes_after_the_cut(files, items):
    columns = Columns("who", "what", time="at", price="paid")
    path = files(TOLD, "")[0]

    def catalog(day):
        cut = int((18_261 + day) * 86_400_000_000)  # 2020-01-01 and on
        split = read_any_split(SplitKind.TEMPORAL, path, None, columns=columns, cut=cut, items=items)
        return split.train.catalog

    second = 18_263 * 86_400_000_000
    assert catalog(1.5).listed_at.tolist() == [UNKNOWN_TIME, UNKNOWN_TIME]
    assert catalog(9).listed_at.tolist() == [UNKNOWN_TIME, second]
    np.testing.assert_equal(
        catalog(2).prices, [np.nan, 1.5]
    )  # what was paid until then, not the 7 of the file
    np.testing.assert_equal(catalog(9).prices, [np.nan, 2.5])


def test_a_price_list_is_read_when_somebody_says_so(files, items):
    named = ItemsFile(items.path, "what", price="price")
    columns = Columns("who", "what", price="paid")
    catalog = read_split(*files(TOLD, "who,what\na,X\n"), columns=columns, items=named).train.catalog
    np.testing.assert_equal(catalog.prices, [np.nan, 7])
