"""The ``command`` part of the catalog of bad inputs: every case, on the real commands."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import ManagementUtility, call_command

from personalization.models import Event, Item, LiveBuild, Run
from tests.bad_inputs.cases import cases

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent
#: Processes of their own are the demo shop, whatever host runs the suite.
DEMO_SHOP = {
    **os.environ,
    "DJANGO_SETTINGS_MODULE": "shop_demo.settings",
    "PERSONALIZATION_ADAPTER": "catalog",
}

#: Cases about options that do not exist: argparse refuses them with exit code 2 and a reason.
UNKNOWN_OPTIONS = {
    "unknown option": ["recommend", "--user", "u1", "--nope"],
    "--dry-run with write flag": ["rebuild_recommendations", "--dry-run", "--write"],
    "--database=nope": ["rebuild_recommendations", "--database=nope"],
    "--workers=1000": ["rebuild_recommendations", "--workers=1000"],
    "--seed=abc": ["rebuild_recommendations", "--seed=abc"],
}
#: Values that a command must refuse with one line.
REFUSED = {
    "--n=-1": ["recommend", "--user", "u1", "--count=-1"],
    "--n=0": ["recommend", "--user", "u1", "--count=0"],
    "--n=abc": ["recommend", "--user", "u1", "--count=abc"],
    "--n=1e9": ["recommend", "--user", "u1", "--count=1e9"],
    "--limit=''": ["recommend", "--user", "u1", "--count="],
    "--since=tomorrow": ["rebuild_recommendations", "--as-of=tomorrow"],
    "--since=0000": ["rebuild_recommendations", "--as-of=0000"],
    "--model=os.system": ["rebuild_recommendations", "--recommender=os.system"],
    "--model=../../x.pkl": ["rebuild_recommendations", "--recommender=../../x.pkl"],
}
#: Keys that nobody has: an honest non-personalized answer, not an error.
NOBODY = {"--user=0": "0", "--user=*": "*", "--user=all": "all", "--user=../1": "../1"}
#: Cases about things this version does not have; each with the reason.
NOT_OURS = {
    "--erase with email of two accounts": "there is no erase command yet",
    "--erase unknown user": "there is no erase command yet",
    "--erase twice": "there is no erase command yet",
    "--erase during rebuild": "there is no erase command yet",
    "all users opted out": "there is no opt-out yet",
    "--settings=bad": "Django itself answers before a command of ours is loaded",
    "no TTY confirm prompt": "no command of ours asks anything",
}
TESTED_BELOW: set[str] = set()


def about(*names: str):
    """Mark a test as the one for these cases."""
    TESTED_BELOW.update(names)
    return lambda test: test


@pytest.fixture(autouse=True)
def catalog(settings):
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter", "LEASE_SECONDS": 5}


@pytest.fixture
def files(tmp_path):
    """A small shop as two CSV files: three customers, six items, CJK titles among them."""
    items, events = tmp_path / "items.csv", tmp_path / "events.csv"
    items.write_text("sku,title\n" + "".join(f"s{n},帐篷 {n}\n" for n in range(6)), encoding="utf-8")
    lines = [f"u{u},s{(u + n) % 6},2026-01-0{n + 1}T10:00:00Z" for u in range(3) for n in range(4)]
    events.write_text("customer,sku,at\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return items, events


def import_files(files):
    items, events = files
    return [
        ["import_items", str(items), "--key-column", "sku", "--title-column", "title", "--json"],
        ["import_events", str(events), *EVENT_OPTIONS, "--json"],
    ]


EVENT_OPTIONS = [
    "--kind",
    "purchase",
    "--visitor-column",
    "customer",
    "--item-column",
    "sku",
    "--time-column",
    "at",
]
REBUILD = ["rebuild_recommendations", "--as-of", "2026-02-01", "--json"]
ASK = ["recommend", "--user", "u1", "--count", "3", "--json"]


@pytest.fixture
def shop(files):
    for command in [*import_files(files), REBUILD]:
        assert run(*command)[0] == 0
    return files


def run(*argv: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of a command line, in this process; tracebacks fail the test."""
    out, err = io.StringIO(), io.StringIO()
    old = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        ManagementUtility(["manage.py", *argv]).execute()
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    finally:
        sys.stdout, sys.stderr = old
    return 0, out.getvalue(), err.getvalue()


def spawn(
    *argv: str, database: str, env: dict[str, str] | None = None, python: tuple[str, ...] = (), **kwargs
):
    """The same in a process of its own, on a database file."""
    environment = {
        **DEMO_SHOP,
        "DATABASE_URL": database,
        "PYTHONWARNINGS": "ignore",
        **(env or {}),
    }
    options = {"capture_output": True, "text": True, "timeout": 60, "encoding": "utf-8", **kwargs}
    command = [sys.executable, *python, "manage.py", *argv]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, **options)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A migrated SQLite file with a small shop, imported and learned by the real commands."""
    folder = tmp_path_factory.mktemp("shop")
    url = f"sqlite:///{folder / 'shop.sqlite3'}"
    items, events = folder / "items.csv", folder / "events.csv"
    items.write_text("sku,title\n" + "".join(f"s{n},帐篷 {n}\n" for n in range(6)), encoding="utf-8")
    lines = [f"u{u},s{(u + n) % 6},2026-01-0{n + 1}T10:00:00Z" for u in range(3) for n in range(4)]
    events.write_text("customer,sku,at\n" + "\n".join(lines) + "\n", encoding="utf-8")
    for command in [["migrate", "-v0"], *import_files((items, events)), REBUILD]:
        done = spawn(*command, database=url)
        assert done.returncode == 0, done.stderr
    return url


def refused(code: int, err: str) -> None:
    assert code != 0
    assert "Traceback" not in err
    assert err.strip()


def test_every_case_is_mapped():
    named = set(UNKNOWN_OPTIONS) | set(REFUSED) | set(NOBODY) | set(NOT_OURS) | TESTED_BELOW
    assert {case["value"] for case in cases("command")} == named


@pytest.mark.parametrize("case", UNKNOWN_OPTIONS)
def test_unknown_options(case):
    code, out, err = run(*UNKNOWN_OPTIONS[case])
    refused(code, err)
    assert not out


@pytest.mark.parametrize("case", REFUSED)
def test_refused_values(case, shop):
    live = set(LiveBuild.objects.values_list("alias", "build_id"))
    code, out, err = run(*REFUSED[case])
    refused(code, err)
    assert not out
    assert live == set(LiveBuild.objects.values_list("alias", "build_id"))


@pytest.mark.parametrize("case", NOBODY)
def test_nobody(case, shop):
    code, out, _ = run("recommend", "--user", NOBODY[case], "--json")
    assert code == 0
    assert json.loads(out)["mode"] == "non-personalized"


@about("--file=missing", "--file=/dev/zero", "--file=dir")
@pytest.mark.parametrize("path", ["/nowhere/at/all.csv", "/dev/zero", "/"])
def test_files_that_are_none(path):
    code, out, err = run("import_events", path, *EVENT_OPTIONS, "--json")
    refused(code, err)
    assert not out
    assert not Event.objects.exists()


@about("--output=/proc/x", "--output=/root no permission")
@pytest.mark.parametrize("path", ["/proc/x", "/sys/none/x"])
def test_quarantine_that_cannot_be_written(path, files):
    """A bad row needs the quarantine file: without one it would be lost, so the import refuses."""
    for command in import_files(files)[:1]:
        run(*command)
    files[1].write_text("customer,sku,at\nu1,unknown,2026-01-01\n")
    code, _, err = run("import_events", str(files[1]), *EVENT_OPTIONS, "--quarantine", path)
    refused(code, err)


@about("--output=existing file")
def test_quarantine_file_of_an_earlier_import(files, tmp_path):
    run(*import_files(files)[0])
    target = tmp_path / "bad.csv"
    files[1].write_text("customer,sku,at\nu1,unknown,2026-01-01\n")
    for _ in range(2):
        code, out, _ = run(
            "import_events", str(files[1]), *EVENT_OPTIONS, "--quarantine", str(target), "--json"
        )
        assert code == 0
        assert json.loads(out)["quarantined"] == {"unknown_item": 1}
    assert target.read_text().count("unknown_item") == 1


@about("run twice at once")
def test_two_rebuilds_at_once(shop):
    from personalization.store.runs import request_run

    request_run("rebuild", tenant="", arguments={}, now=int(time.time() * 1e6))
    claimed = Run.objects.latest("pk")
    Run.objects.filter(pk=claimed.pk).update(
        state=Run.State.RUNNING, lease_until=int((time.time() + 600) * 1e6)
    )
    code, _, err = run(*REBUILD)
    refused(code, err)
    assert "already" in err


def until_stored(database, child):
    """Wait for the first rows: before them a process has nothing to be stopped in."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=20)) as rows:
        before = rows.execute("SELECT COUNT(*) FROM personalization_event").fetchone()
        while child.poll() is None:
            if rows.execute("SELECT COUNT(*) FROM personalization_event").fetchone() != before:
                return
            time.sleep(0.01)


@about("Ctrl-C in middle", "kill -9 in middle")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle(sent, database, tmp_path):
    """Chunks that were committed stay, nothing else does, and the next import completes the file."""
    big = tmp_path / "events.csv"
    rows = (f"v{sent}-{n // 8},s{n % 6},2026-01-{1 + n % 28:02}T{n % 24:02}:00:00Z\n" for n in range(60_000))
    big.write_text("customer,sku,at\n" + "".join(rows))
    command = [sys.executable, "manage.py", "import_events", str(big), *EVENT_OPTIONS, "--json"]
    environment = {**DEMO_SHOP, "DATABASE_URL": database}
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until_stored(database, child)
    child.send_signal(sent)
    out, err = child.communicate(timeout=60)
    assert b"Traceback" not in err
    assert child.returncode != 0 or json.loads(out)["read"] == 60_000
    again = json.loads(spawn(*command[2:], database=database).stdout)
    assert again["stored"] + again["duplicates"] == 60_000


@about("stdin closed")
def test_standard_input_closed(database):
    done = spawn(*ASK, database=database, stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert json.loads(done.stdout)["items"]


@about("stdout closed pipe (| head)")
def test_standard_output_closed(database):
    line = f"{sys.executable} manage.py {' '.join(ASK)} | true; exit ${{PIPESTATUS[0]}}"
    environment = {**DEMO_SHOP, "DATABASE_URL": database}
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@about("LANG=C with CJK output")
def test_ascii_terminal(database):
    env = {
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    for argv in (ASK, ASK[:-1]):
        done = spawn(*argv, database=database, env=env)
        assert done.returncode == 0, done.stderr


@about("TZ=Asia/Kathmandu", "locale with comma decimals", "python -O", "Redis down", "broker down")
@pytest.mark.parametrize(
    ("env", "python"),
    [
        ({"TZ": "Asia/Kathmandu"}, ()),
        ({"LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"}, ()),
        ({}, ("-O",)),
        ({"CACHE_URL": "redis://127.0.0.1:1/0", "CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}, ()),
    ],
)
def test_surroundings_change_nothing(env, python, database):
    plain = json.loads(spawn(*ASK, database=database).stdout)
    done = spawn(*ASK, database=database, env=env, python=python)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == plain["items"]
    if "CACHE_URL" in env:
        assert spawn(*REBUILD, database=database, env=env).returncode == 0


@about("no migrations applied", "DB down")
def test_database_that_is_not_there(tmp_path):
    for url in (f"sqlite:///{tmp_path / 'empty.sqlite3'}", "postgres://nobody@127.0.0.1:1/none"):
        for argv in (ASK, REBUILD):
            done = spawn(*argv, database=url)
            refused(done.returncode, done.stderr)
            assert not done.stdout


@about("empty database")
def test_empty_database():
    code, out, err = run(*REBUILD)
    assert "Traceback" not in err
    assert code or json.loads(out)["recommenders"]
    code, out, _ = run("recommend", "--user", "u1", "--json")
    assert code or json.loads(out)["items"] == []


@about("1 user", "1 product", "one event type only", "one user with 1e6 events", "duplicate SKUs")
@pytest.mark.parametrize(("users", "products", "repeats"), [(1, 5, 1), (5, 1, 1), (1, 5, 4000)])
def test_lopsided_shops(users, products, repeats, tmp_path):
    """One heavy visitor stands for a heavier one: the cost of a visitor grows with distinct items, not with events."""
    items, events = tmp_path / "items.csv", tmp_path / "events.csv"
    items.write_text("sku,title\n" + "".join(f"s{n % products},T\n" for n in range(products + 1)))
    lines = [
        f"u{u},s{p},2026-01-01T{r % 24:02}:{r // 24 % 60:02}:{r // 1440:02}Z"
        for u in range(users)
        for p in range(products)
        for r in range(repeats)
    ]
    events.write_text("customer,sku,at\n" + "\n".join(lines) + "\n")
    for command in import_files((items, events)):
        assert run(*command)[0] == 0
    assert Item.objects.count() == products
    code, _, err = run(*REBUILD)
    assert code == 0, err
    code, out, _ = run("recommend", "--user", "u0", "--json")
    assert code == 0
    assert isinstance(json.loads(out)["items"], list)


@about("all products hidden")
def test_all_products_hidden(shop):
    from personalization.store.stamps import bump_stamp

    Item.objects.update(active=False)
    bump_stamp("catalog", tenant="")
    assert run(*REBUILD)[0] == 0
    code, out, _ = run(*ASK)
    assert code == 0
    assert json.loads(out)["items"] == []


@about("product deleted during run")
def test_product_deleted_after_it_was_learned(shop):
    from personalization.store.stamps import bump_stamp

    gone = Item.objects.get(key="s0")
    Event.objects.filter(item=gone).delete()
    gone.delete()
    bump_stamp("catalog", tenant="")
    for user in ("u0", "u1", "u2"):
        code, out, _ = run("recommend", "--user", user, "--json")
        assert code == 0
        assert "s0" not in {item["item"] for item in json.loads(out)["items"]}


@about("negative weights", "NaN feature")
@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_that_are_none(weight, shop, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "EVENT_WEIGHTS": {"purchase": weight}}
    live = set(LiveBuild.objects.values_list("alias", "build_id"))
    code, out, err = run(*REBUILD)
    refused(code, err)
    assert "EVENT_WEIGHTS" in err
    assert not out
    assert live == set(LiveBuild.objects.values_list("alias", "build_id"))


@about("disk full on artefact write", "read-only artefact dir")
@pytest.mark.parametrize("folder", ["/proc/none", "/dev/full/x"])
def test_map_directory_that_cannot_be_written(folder, shop, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MAP_DIR": folder}
    code, out, _ = run(*ASK)
    assert code == 0
    assert json.loads(out)["mode"] == "personalized"


@about(
    "corrupt artefact", "artefact of older version", "artefact signed with other key", "artefact truncated"
)
@pytest.mark.parametrize("damage", [b"garbage", b"\x93NUMPY\x01\x00", b""])
def test_damaged_copies_of_a_build(damage, shop, settings, tmp_path):
    """The database is the truth: a local copy that is not what was written is put aside."""
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MAP_DIR": str(tmp_path / "maps")}
    plain = json.loads(run(*ASK)[1])["items"]
    _forget_loaded_builds()
    for file in (tmp_path / "maps").rglob("*"):
        if file.is_file():
            file.write_bytes(damage)
    code, out, _ = run(*ASK)
    assert code == 0
    assert json.loads(out)["items"] == plain


def _forget_loaded_builds() -> None:
    from personalization.store import live_tables

    live_tables.forget_tables()


@about("memory limit 512 MB (ulimit -v)")
def test_little_memory(database):
    line = f"ulimit -v 524288; exec {sys.executable} manage.py {' '.join(REBUILD)}"
    environment = {
        **DEMO_SHOP,
        "DATABASE_URL": database,
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode != 0 or json.loads(done.stdout)["recommenders"]
    assert spawn(*ASK, database=database).returncode == 0


@about("verbosity 3 leaks no PII")
def test_verbose_output_names_nobody(files, capfd):
    run(*import_files(files)[0])
    files[1].write_text("customer,sku,at\nann@example.com,s1,2026-01-01\nbob@example.com,nope,2026-01-01\n")
    call_command("import_events", str(files[1]), *EVENT_OPTIONS, "--identity", "email", verbosity=3)
    printed = "".join(capfd.readouterr())
    assert "example.com" not in printed
