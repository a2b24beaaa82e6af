import gzip
import os
import time
from pathlib import Path

import pytest

from personalization.capture import csv_file
from personalization.capture.csv_file import CsvFile
from personalization.exceptions import InvalidInputError


@pytest.fixture
def write(tmp_path):
    def write(content, name="events.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def read(path):
    with CsvFile(path) as file:
        scanned = list(file.scan())
        assert list(file.rows()) == scanned
        return file.header, scanned


def refusal(path):
    with pytest.raises(InvalidInputError) as refused:
        read(path)
    assert refused.value.field == "file"
    assert "\n" not in str(refused.value)
    return refused.value.message


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n",
        "\ufeffa,b\n1,2\n",
        "a,b\r1,2\r",
        "a,b\r\n1,2",
        '"a",b\n"1",2\n',
        gzip.compress(b"a,b\n1,2\n", mtime=0),
    ],
)
def test_csv_of_every_kind_is_read(write, content):
    assert read(write(content)) == (["a", "b"], [["1", "2"]])


def test_texts_stay_as_they_are(write):
    cells = ["00123", "NA", "1e5", "9007199254740993", " x ", "猫", 'say "hi"', "two\nlines"]
    text = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    assert read(write("h\n" + text))[1] == [cells]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\ncafé,2\n".encode("latin-1"), "not UTF-8 text"),
        (b"a,b\n\xff,2\n", "not UTF-8"),
        (b"\xffa,b\n", "not UTF-8"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"\x80\x04\x95rest", "pickle"),
        (b"a,b\n1\0,2\n", "binary"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 4 is not CSV"),
        (b'a,b\n"1"x,2\n', "line 2 is not CSV"),
        (b"a,b\n" + b"x" * 200_000 + b",1\n", "field larger"),
        (b"a,b\n" + b"x," * 600_000 + b"\n", "longer than"),
        (gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:-20], "damaged"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0) + b"trailing garbage", "damaged"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
    ],
)
def test_what_is_no_csv_file_is_refused_in_one_line(write, content, words):
    assert words in refusal(write(content))


def test_paths_that_are_no_regular_file_are_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert "not a regular file" in refusal(str(tmp_path))
    assert "not a regular file" in refusal(str(tmp_path / "fifo"))  # and does not wait for a writer
    assert "not a regular file" in refusal("/dev/zero")
    assert "address" in refusal("http://169.254.169.254/latest")
    assert "No such file" in refusal(str(tmp_path / "missing.csv"))
    assert "cannot be read" in refusal("a\0b")


def test_a_file_that_may_not_be_read_is_refused(write, monkeypatch):
    def forbid(*args):
        raise PermissionError(13, "Permission denied")

    path = write("a\n1\n")
    monkeypatch.setattr(csv_file.os, "open", forbid)
    assert "Permission denied" in refusal(path)


def test_a_bomb_is_refused_while_it_unpacks(write, monkeypatch):
    monkeypatch.setattr(csv_file, "FREE_SIZE", 100_000)
    assert "250 times" in refusal(write(gzip.compress(b"a,b\n" + b"1,2\n" * 500_000, mtime=0)))
    assert len(read(write("a,b\n" + "1,2\n" * 50_000))[1]) == 50_000


def test_a_compressed_file_as_real_ones_are_is_no_bomb(write, monkeypatch):
    monkeypatch.setattr(csv_file, "FREE_SIZE", 10_000)
    lines = "".join(f"{number},{number * 7919 % 1000}\n" for number in range(20_000))
    assert len(read(write(gzip.compress(b"a,b\n" + lines.encode(), mtime=0)))[1]) == 20_000


@pytest.mark.parametrize("change", ["append", "replace", "remove"])
def test_a_file_that_changes_meanwhile_is_noticed(write, change):
    path = write("a\n1\n")
    with CsvFile(path) as file:
        file.require_unchanged()
        if change != "append":
            Path(path).unlink()
        if change != "remove":
            time.sleep(0.01)
            with Path(path).open("a") as other:
                other.write("2\n")
        with pytest.raises(InvalidInputError, match="while it was read"):
            file.require_unchanged()


def test_columns_are_found_by_their_exact_name(write):
    with CsvFile(write("a,b,b, c\n")) as file:
        assert file.column("a") == 0
        assert file.column(" c") == 3
        for name, words in {"b": "twice", "c": "not in the header", "A": "not in the header"}.items():
            with pytest.raises(InvalidInputError, match=words):
                file.column(name)


def test_the_share_grows_to_one(write):
    with CsvFile(write("a\n" + "1\n" * 100_000)) as file:
        list(file.scan())
        assert file.share_read == 1.0
