import csv

import pytest

from personalization.capture.quarantine import Problem, Quarantine, harmless
from personalization.exceptions import InvalidInputError


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "events.csv.gz"
    path.write_text("x")
    return str(path)


def open_(source, path=None):
    return Quarantine(path, source=source, header=["sku", "=cmd"])


def test_refused_rows_stand_in_a_file_beside_the_source(source, tmp_path):
    with open_(source) as quarantine:
        quarantine.add(2, Problem.BAD_PRICE, ["a", "=1+1"])
        quarantine.add(9, Problem.BAD_PRICE, ["two\nlines", "-1"])
    assert quarantine.file == str(tmp_path / "events.quarantine.csv")
    assert quarantine.reasons == {"bad_price": 2}
    with quarantine.path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason", "sku", "'=cmd"],
            ["2", "bad_price", "a", "'=1+1"],
            ["9", "bad_price", "two\nlines", "'-1"],
        ]


def test_without_refused_rows_there_is_no_file(source, tmp_path):
    with open_(source) as quarantine:
        pass
    assert quarantine.file is None
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv.gz"]


def test_a_failed_import_leaves_no_file(source, tmp_path):
    with pytest.raises(RuntimeError), open_(source) as quarantine:
        quarantine.add(2, Problem.BAD_PRICE, ["a"])
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv.gz"]


def test_the_path_can_be_chosen_and_written_over(source, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("old")
    with open_(source, str(path)) as quarantine:
        quarantine.add(2, Problem.BAD_PRICE, ["a"])
    assert path.read_text().startswith("line,reason")


def test_a_folder_that_is_read_only_sends_it_to_the_temporary_one(source, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    assert open_(source).path == tmp_path / "tmp" / "events.quarantine.csv"


def test_what_must_not_be_written_over_is_not(source, tmp_path):
    for path in (source, str(tmp_path), "/dev/null"):
        with pytest.raises(InvalidInputError, match="quarantine"):
            open_(source, path)


def test_a_folder_that_does_not_exist_is_an_error(source, tmp_path):
    with (
        pytest.raises(InvalidInputError, match="cannot be written"),
        open_(source, str(tmp_path / "no" / "file.csv")) as quarantine,
    ):
        quarantine.add(2, Problem.BAD_PRICE, ["a"])


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\n=1", "＝1", "  =1", "|x", "%x"]
)
def test_formulas_are_made_harmless(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a", "1", "a=1", "'=1"])
def test_other_cells_stay(cell):
    assert harmless(cell) == cell
