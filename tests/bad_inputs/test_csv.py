"""The ``csv`` part of the catalog of bad inputs: every case, through the real import commands."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from personalization.capture import csv_file
from personalization.models import Event, Identity, Item, Visitor
from tests.bad_inputs.cases import cases
from tests.capture.files import HEADER, order_line, store_items, write

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent

EVENTS = [
    "--kind=purchase",
    *("--visitor-column=customer_id", "--item-column=sku", "--time-column=ordered_at"),
    *("--quantity-column=quantity", "--price-column=unit_price", "--order-column=order_id"),
]
ITEM_HEADER = ["sku", "title", "category"]
ITEMS = ["--key-column=sku", "--title-column=title", "--category-column=category"]

#: Cells of the catalog that a CSV file may hold, each with the reason.
VALID = {
    ("qty", "1"): "cells are text: the number 1 is written so",
    ("qty", "1.0"): "a quantity has up to 3 places",
    ("qty", "1.5"): "half a meter is a quantity",
    ("price", "0.001"): "a unit price has up to 4 places: screws are sold by the thousand",
    ("price", "100.01"): "an ordinary price",
}


@pytest.fixture(autouse=True)
def _shop(settings, db):
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    settings.TIME_ZONE = "Europe/Berlin"  # a zone whose clocks change
    store_items("cup")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.csv"


def run(command, path, options, *, seconds=1):
    """The result, or the one line of the refusal; never a traceback, and a bad input takes no more than a second."""
    out, err = io.StringIO(), io.StringIO()
    started = time.process_time()
    try:
        call_command(command, str(path), *options, "--json", stdout=out, stderr=err)
        result = SimpleNamespace(**json.loads(out.getvalue()), refused="")
    except CommandError as error:
        assert "\n" not in str(error)
        assert out.getvalue() == ""
        result = SimpleNamespace(refused=str(error), stored=0)
    assert time.process_time() - started < seconds  # of CPU, so that a busy machine fails nobody
    return result


def read_events(path):
    """An import, and again: the second time nothing is new."""
    first = run("import_events", path, EVENTS)
    count = Event.objects.count()
    again = run("import_events", path, EVENTS)
    assert (again.stored, again.refused) == (0, first.refused)
    assert Event.objects.count() == count == first.stored
    return first


def refused_lines(result):
    with open(result.quarantine_file, newline="", encoding="utf-8") as file:  # noqa: PTH123
        return [(int(row[0]), row[1]) for row in itertools.islice(csv.reader(file), 1, None)]


def in_a_cell(value):
    return value if isinstance(value, str) else "" if value is None else str(value)


def ids(case):
    return f"{case['field']}-{str(case['value'])[:20]!r}" if isinstance(case, dict) else None


FIELDS = {"qty": "quantity", "price": "price", "date": "time"}
CELLS = [case for case in cases("csv") if case["field"] == "cell"]
NUMBERS = [case for case in cases("csv") if case["field"] in FIELDS]
FILES = {case["value"] for case in cases("csv") if case["field"] == "file"}


def test_every_case_is_here():
    assert len(CELLS) + len(NUMBERS) + len(FILES) == len(cases("csv")) == 153
    assert TESTED == FILES


@pytest.mark.parametrize("case", NUMBERS, ids=ids)
def test_numbers_and_dates(case, path):
    value = in_a_cell(case["value"])
    bad = order_line(order="2", **{FIELDS[case["field"]]: value})
    result = read_events(write(path, [order_line(), bad, order_line(order="3")]))
    if (case["field"], value) in VALID:
        assert (result.stored, result.quarantined) == (3, {})
    else:
        assert result.stored == 2
        assert [line for line, _ in refused_lines(result)] == [3]


@pytest.mark.parametrize("case", CELLS, ids=ids)
@pytest.mark.parametrize("column", ["sku", "title", "customer_id"])
def test_cells(case, column, path):
    """Taken exactly as it stands, or set aside with its line; the rows around it go in."""
    value = case["value"]
    if not value.isprintable() and "\ud800" in value:
        path.write_bytes(b"sku,title,category\na,A,c\n\xed\xa0\x80,B,c\n")  # what a careless encoder writes
        assert "not UTF-8" in run("import_items", path, ITEMS).refused
    elif "\0" in value:
        assert "binary" in check_cell(path, column, value).refused
    else:
        result = check_cell(path, column, value)
        stored = values(column)
        bad = [number for number, _ in refused_lines(result)] if result.quarantine_file else []
        assert (value in stored, bad) in [(True, []), (False, [3])]
        assert len(stored) == 3 - len(bad)


def check_cell(path, column, value):
    if column == "customer_id":
        rows = [order_line(order=str(n), visitor=visitor) for n, visitor in enumerate(["a", value, "b"])]
        return read_events(write(path, rows))
    Item.objects.all().delete()
    cell = {"sku": "key", "title": "t"} | {column: value}
    rows = [["a", "A", "c"], [cell["sku"], cell["title"], "c"], ["b", "B", "c"]]
    result = run("import_items", write(path, rows, ITEM_HEADER), ITEMS)
    assert run("import_items", path, ITEMS).stored == 0
    return result


def values(column):
    if column == "customer_id":
        return list(Identity.objects.values_list("key", flat=True))
    return list(Item.objects.values_list("key" if column == "sku" else "title", flat=True))


# Whole files. Each entry: the name in the catalog → how it is built; what must come out follows below.

TESTED: set[str] = set()


def about(*names):
    TESTED.update(names)
    return lambda test: test


def text_of(*rows, header=HEADER, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def zipped(*names, content=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


GOOD = [order_line(order="1"), order_line(order="2")]
TEXT = text_of(*GOOD)

REFUSED = {
    "empty": (b"", "empty"),
    "no header": (TEXT.partition("\n")[2], "not in the header"),
    "utf-16": (TEXT.encode("utf-16"), "UTF-16"),
    "latin-1": (text_of(order_line(visitor="José")).encode("latin-1"), "not UTF-8"),
    "gb18030": (text_of(order_line(visitor="顾客")).encode("gb18030"), "not UTF-8"),
    "mixed encodings": (
        text_of(order_line(visitor="José")).encode() + ",".join(order_line(visitor="é")).encode("latin-1"),
        "not UTF-8",
    ),
    "semicolon separated": (text_of(*GOOD, delimiter=";"), "not in the header"),
    "tab separated": (text_of(*GOOD, delimiter="\t"), "not in the header"),
    "unclosed quote at row 2": (TEXT.replace("\n1,", '\n"1,'), "is not CSV"),
    "field of 200 kB": (text_of(order_line(visitor="x" * 200_000)), "line 2 is not CSV"),
    "1e6 columns": (",".join(f"c{n}" for n in range(1_000_000)) + "\n", "longer than"),
    "duplicate header": (text_of(*GOOD, header=[*HEADER[:-1], "sku"]), "twice"),
    "header case/space variants": (
        text_of(*GOOD, header=[" SKU" if n == "sku" else n for n in HEADER]),
        "' SKU'",
    ),
    "zip bomb (42.zip style)": (zipped(*"abcdef", content=b"0" * 1_000_000), "ZIP"),
    "nested zip": (zipped("inner.zip", content=zipped("a.csv")), "ZIP"),
    "xlsx renamed .csv": (zipped("[Content_Types].xml", "xl/workbook.xml"), "ZIP"),
    "symlink in zip": (zipped("link -> /etc/passwd"), "ZIP"),
    "path ../ in zip entry": (zipped("../../evil.csv"), "ZIP"),
    "pickle renamed .csv": (pickle.dumps({"a": 1}), "pickle"),
    "NUL bytes": (TEXT.replace("ann", "a\0n"), "binary"),
    "truncated mid-row": (gzip.compress(TEXT.encode())[:-9], "damaged"),
}
TAKEN = {
    "BOM": "\ufeff" + TEXT,
    "CR only": TEXT.replace("\n", "\r"),
    "mixed line ends": TEXT.replace("\n", "\r\n", 1),
    "gzip renamed .csv": gzip.compress(TEXT.encode()),
    "column order swapped": text_of(*(row[::-1] for row in GOOD), header=HEADER[::-1]),
    "formula header": text_of(*([*row, "x"] for row in GOOD), header=[*HEADER, "=cmd|' /C calc'!A0"]),
    "duplicate primary keys": text_of(order_line(), order_line()),
}
#: Set aside: name → (content, line, reason); a good row stands before and after.
SET_ASIDE = {
    "row with extra column": ([*order_line(), "x"], "wrong_columns"),
    "row with missing column": (order_line()[:-1], "wrong_columns"),
    "same key different casing": (order_line(sku="CUP"), "unknown_item"),
    "negative price": (order_line(price="-1.00"), "bad_price"),
    "price with currency sign": (order_line(price="€5"), "bad_price"),
    "decimal comma": (order_line(price="1,5"), "bad_price"),
    "time without zone at DST change": (order_line(time="2025-10-26T02:30:00"), "ambiguous_time"),
    "purchase dated 2099": (order_line(time="2099-01-01T00:00:00Z"), "time_out_of_range"),
    "trailing garbage after EOF": (["\x1a\x1b garbage"], "wrong_columns"),
}
KEYS = {f"SKU {key}": key for key in ("00123", "NA", "1e5", "True")}
TESTED.update(REFUSED, TAKEN, SET_ASIDE, KEYS)


def put(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_csv_file_is_refused_and_nothing_written(name, path):
    content, words = REFUSED[name]
    result = read_events(put(path, content))
    assert words in result.refused
    assert not Visitor.objects.exists()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_unusual_but_clear_is_taken(name, path):
    result = read_events(put(path, TAKEN[name]))
    assert (result.stored, result.quarantined) == (2, {})


@pytest.mark.parametrize("name", SET_ASIDE)
def test_bad_rows_are_set_aside(name, path):
    row, reason = SET_ASIDE[name]
    result = read_events(write(path, [order_line(order="a"), row, order_line(order="b")]))
    assert (result.stored, result.quarantined) == (2, {reason: 1})
    assert refused_lines(result) == [(3, reason)]


@pytest.mark.parametrize("name", KEYS)
def test_keys_stay_exact(name, path):
    key = KEYS[name]
    run("import_items", write(path, [[key, "t", "c"]], ITEM_HEADER), ITEMS)
    read_events(write(path, [order_line(sku=key, visitor=key)]))
    assert Event.objects.get().item.key == key
    assert Identity.objects.get().key == key


@about("header only")
def test_a_header_alone(path):
    result = read_events(put(path, text_of()))
    assert (result.read, result.stored) == (0, 0)


@about("id 9007199254740993 with one blank id in the column")
def test_a_large_number_beside_a_blank_stays_exact(path):
    big = "9007199254740993"
    result = read_events(write(path, [order_line(visitor=big), order_line(visitor="")]))
    assert Identity.objects.get().key == big
    assert refused_lines(result) == [(3, "missing_visitor")]


@about("path is a directory", "path is a FIFO", "path is http://169.254.169.254/")
def test_paths_that_are_no_file(path):
    os.mkfifo(path)
    assert "not a regular file" in read_events(path).refused
    assert "not a regular file" in read_events(path.parent).refused
    assert "address" in run("import_events", "http://169.254.169.254/", EVENTS).refused


@about("path without read permission")
def test_a_path_without_permission(path, monkeypatch):
    """The system's own answer is put in: to root, under whom containers run tests, every file is readable."""
    put(path, TEXT).chmod(0)

    def forbid(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(csv_file.os, "open", forbid)
    assert "Permission denied" in read_events(path).refused


@about("file changes while read")
def test_a_file_that_changes_while_it_is_read(path, monkeypatch):
    settle = "personalization.capture.line_keys.LineKeys.settle"
    monkeypatch.setattr(settle, lambda keys: put(path, TEXT + TEXT))  # between the two readings
    assert "changed while it was read" in run("import_events", put(path, TEXT), EVENTS).refused
    assert not Event.objects.exists()


@about("customer email of an erased person")
def test_an_address_leaves_no_readable_trace(path):
    """There is no erasure yet that could be remembered; what holds now is that an import never stores the address, so
    nothing of it is left once the rows are gone."""
    options = [*EVENTS, "--identity=email"]
    run("import_events", write(path, [order_line(visitor="ann@example.com")]), options)
    assert Identity.objects.get().key == ""
    Visitor.objects.all().delete()
    assert not Event.objects.exists()
    assert run("import_events", path, options).stored == 1


@about("same file imported twice")
def test_the_same_file_twice_under_another_name(path):
    first = read_events(put(path, TEXT))
    again = run("import_events", put(path.with_name("copy.csv.gz"), gzip.compress(TEXT.encode())), EVENTS)
    assert (first.stored, again.stored, again.duplicates) == (2, 0, 2)


@about("10 M rows")
def test_memory_does_not_grow_with_the_rows(path, tmp_path):
    """20,000 rows instead of 10 M, after 2,000: every structure that holds rows is bounded by a chunk, so more chunks
    of the same size show what many more would."""
    lines = (",".join(order_line(order=str(number))) for number in range(2_000))
    read_events(put(path, ",".join(HEADER) + "\n" + "\n".join(lines)))
    Event.objects.all().delete()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = (",".join(order_line(order=str(number))) for number in range(20_000))
    path.write_text(",".join(HEADER) + "\n" + "\n".join(lines))
    assert run("import_events", path, EVENTS, seconds=10).stored == 20_000  # good rows, as many as they are
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@about("1 row of 1 GB")
def test_one_huge_row_is_refused_after_its_first_megabyte(path):
    """A sparse file has the size without the disk: what follows the first megabyte is never read."""
    with path.open("wb") as file:
        file.write(",".join(HEADER).encode() + b"\n" + b"x" * 2_000_000)
        file.truncate(1_000_000_000)
    assert "longer than" in read_events(path).refused


@about("two imports at once")
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once(path, threads_db):
    store_items("cup")
    write(path, [order_line(order=str(number), visitor=str(number % 50)) for number in range(500)])
    results = []

    def work():
        try:
            results.append(run("import_events", path, EVENTS))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.refused for result in results] == ["", ""]
    assert sum(result.stored for result in results) == Event.objects.count() == 500
    assert sum(result.duplicates for result in results) == 500
    assert Visitor.objects.count() == 50


#: What runs as a process of its own stops or fails after half of the chunks: the parent's patience decides nothing.
HALF = """
import os, signal, sys, django
django.setup()
from django.core.management import call_command
from personalization.capture import chunk, event_import, event_writer
chunk.ROWS = event_import.ROWS = 100
append, calls = event_writer.append_columns, []
def half(*args, **options):
    calls.append(1)
    done = append(*args, **options)
    if len(calls) == 5:  # stored, not committed
        {action}
    return done
event_writer.append_columns = half
call_command("import_events", *sys.argv[1:])
"""


def run_apart(path, action):
    """The import of ten chunks in a process of its own, on the database of this test."""
    name = str(connection.settings_dict["NAME"])
    url = {
        "sqlite": f"sqlite:///{name}",
        "postgresql": f"postgres://{_server()}/{name}",
        "mysql": f"mysql://{_server()}/{name}",
    }[connection.vendor]
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "shop_demo.settings",
        "PERSONALIZATION_ADAPTER": "catalog",
    }
    command = [sys.executable, "-c", HALF.format(action=action), str(path), *EVENTS, "--json"]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


def _server():
    values = connection.settings_dict
    secret = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    port = f":{values['PORT']}" if values["PORT"] else ""
    return f"{values['USER']}{secret}@{values['HOST']}{port}"


@about("kill -9 at 50 %")
@pytest.mark.django_db(transaction=True)
def test_a_killed_import_loses_nothing_and_is_finished_by_the_next(path, threads_db):
    store_items("cup")
    write(path, [order_line(order=str(number), visitor=str(number)) for number in range(1000)])
    done = run_apart(path, "os.kill(os.getpid(), signal.SIGKILL)")
    assert done.returncode == -signal.SIGKILL
    assert Event.objects.count() == Visitor.objects.count() == 400
    result = run("import_events", path, EVENTS)
    assert (result.stored, result.duplicates) == (600, 400)


@about("disk full at 50 %")
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_one_line_and_is_finished_by_the_next(path, threads_db):
    """The database's answer is put in half-way; filling a real disk would fail other tests too."""
    store_items("cup")
    write(path, [order_line(order=str(number), visitor=str(number)) for number in range(1000)])
    action = "from django.db import OperationalError; raise OperationalError('database or disk is full')"
    done = run_apart(path, action)
    assert done.returncode == 1
    assert "database or disk is full" in done.stderr
    assert Event.objects.count() == Visitor.objects.count() == 400
    assert run("import_events", path, EVENTS).stored == 600


def test_a_full_disk_for_temporary_files_is_one_line_and_nothing_is_written(path, monkeypatch):
    def fail(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("personalization.capture.line_keys.LineKeys.add", fail)
    assert "No space left on device" in run("import_events", put(path, TEXT), EVENTS).refused
    assert not Event.objects.exists()
