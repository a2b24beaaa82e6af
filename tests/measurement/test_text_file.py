import gzip

import numpy as np
import pytest

from personalization.exceptions import InvalidInputError
from personalization.measurement.text_file import TextFile


@pytest.fixture
def write(tmp_path):
    def write(content, name="file.csv"):
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return write


IDS = ["007", "7", "NaN", "NA", "null", "1e5", " x ", "1_000", "TRUE", "3.0", "商品"]


@pytest.mark.parametrize("name", ["file.csv", "file.csv.gz"])
def test_ids_are_exactly_what_the_file_says(write, name):
    file = TextFile("train", write("\ufeffsku,other\n" + "".join(f"{key},z\n" for key in IDS), name), ["sku"])
    assert file.keys("sku").tolist() == IDS
    assert len(file) == len(IDS)
    assert not file.has("other")


def test_quoted_cells_may_hold_commas_and_line_breaks(write):
    assert TextFile("train", write('sku,x\n"a,\nb",1\n'), ["sku"]).keys("sku").tolist() == ["a,\nb"]


def test_instants_are_utc_microseconds_and_zoned_when_bare(write):
    file = TextFile("train", write("t\n1970-01-01T00:00:01Z\n1970-01-01T02:00:00+02:00\n1970-01-02\n"), ["t"])
    assert file.instants("t", zone="UTC").tolist() == [1_000_000, 0, 86_400_000_000]
    assert file.instants("t", zone="Asia/Kathmandu").tolist() == [1_000_000, 0, 66_600_000_000]


def test_numbers_and_flags(write):
    file = TextFile("train", write("n,f\n2.50,1\n-1,0\n1e3,true\n2.50,\n"), ["n", "f"])
    assert file.numbers("n").tolist() == [2.5, -1, 1000, 2.5]
    assert file.flags("f").tolist() == [True, False, True, False]
    assert file.numbers("n").dtype == np.float64


@pytest.mark.parametrize("text", ["x", "nan", "inf", "1e999", "2,5"])
def test_a_bad_number_is_refused_with_its_row(write, text):
    file = TextFile("train", write(f'n\n1\n"{text}"\n'), ["n"])
    with pytest.raises(InvalidInputError, match=r"train: row 2 has n"):
        file.numbers("n")


@pytest.mark.parametrize("text", ["tomorrow", "2011-13-01", "0000-01-01", "1300000000"])
def test_a_bad_instant_is_refused_with_its_row(write, text):
    with pytest.raises(InvalidInputError, match=r"row 1 has t"):
        TextFile("train", write(f"t\n{text}\n"), ["t"]).instants("t", zone="UTC")


def test_a_bad_flag_is_refused_with_its_row(write):
    with pytest.raises(InvalidInputError, match=r"row 1 has f 'maybe'"):
        TextFile("test", write("f\nmaybe\n"), ["f"]).flags("f")


def test_a_row_without_a_key_is_refused(write):
    with pytest.raises(InvalidInputError, match="train: row 2 has no sku"):
        TextFile("train", write("sku,x\na,1\n,2\n"), ["sku"]).keys("sku")


def test_a_short_row_has_no_key(write):
    with pytest.raises(InvalidInputError, match="row 2 has no sku"):
        TextFile("train", write("x,sku\n1,a\n2\n"), ["sku"]).keys("sku")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "file.csv"),
        ("sku\nab\xe9".encode("latin-1"), "file.csv"),
        ('sku\n"never closed\n', "file.csv"),
        ("sku,x\na,1\na,1,2,3\n", "file.csv"),
        ("sku,x\na,1,2\nb,3,4\n", "file.csv"),
    ],
    ids=["empty", "not UTF-8", "open quote", "long row", "all rows long"],
)
def test_damage_is_refused_in_one_line(write, content, name):
    with pytest.raises(InvalidInputError, match=r"train: .*cannot be read as CSV") as refusal:
        TextFile("train", write(content, name), ["sku"])
    assert "\n" not in str(refusal.value)


def test_damaged_compression_is_refused(tmp_path):
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"sku\n" + b"abc\n" * 1000)[:-20])
    with pytest.raises(InvalidInputError, match="cannot be read as CSV"):
        TextFile("train", str(path), ["sku"])
    path.write_bytes(b"sku\nabc\n")
    with pytest.raises(InvalidInputError, match="cannot be read as CSV"):
        TextFile("train", str(path), ["sku"])


@pytest.mark.parametrize("path", ["missing.csv", "/dev/zero", "/", ""])
def test_what_is_no_file_is_refused_at_once(path):
    with pytest.raises(InvalidInputError, match="train: there is no file"):
        TextFile("train", path, ["sku"])


def test_a_missing_column_is_named(write):
    with pytest.raises(InvalidInputError, match="has no column 'sku'"):
        TextFile("test", write("SKU\na\n"), ["sku"])


def test_cells_that_may_be_empty(write):
    file = TextFile(
        "train", write("n,t,o\n2.5,1970-01-01T00:00:01Z,b\n,,\n3,1970-01-02,a\n0,,b\n"), ["n", "t", "o"]
    )
    assert file.optional_numbers("n").tolist() == [2.5, pytest.approx(np.nan, nan_ok=True), 3, 0]
    assert file.optional_instants("t", zone="UTC", unknown=-9).tolist() == [1_000_000, -9, 86_400_000_000, -9]
    assert file.numbered("o").tolist() == [1, -1, 0, 1]


def test_a_word_is_no_number_even_where_none_is_needed(write):
    file = TextFile("items", write("n,t\nfree,soon\n"), ["n", "t"])
    with pytest.raises(InvalidInputError, match="items: row 1 has n 'free'"):
        file.optional_numbers("n")
    with pytest.raises(InvalidInputError, match="items: row 1 has t 'soon'"):
        file.optional_instants("t", zone="UTC", unknown=0)


def test_columns_may_be_chosen_by_their_names(write):
    file = TextFile(
        "items", write("b,a:x,a:y,c\n1,2,3,4\n"), ["b"], optional=lambda name: name.startswith("a:")
    )
    assert file.columns == ["b", "a:x", "a:y"]
