import pytest

from personalization.exceptions import InvalidInputError
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


def test_named_columns_that_are_not_used_must_exist(files):
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
