"""Installing is a few marked lines, and takes nothing from the shop that was there before."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.checks import WARNING, run_checks
from django.core.management import call_command

from personalization.adapters import Page, get_adapter
from personalization.testing import AdapterContract
from tests.hosts.keepers import keeper
from tests.hosts.keepers.base import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.keepers.base import Keeper

#: At the end of a line, in every language that a shop is written in.
MARK = re.compile(r"(#|//) personalization$|\{# personalization #\}$")
#: What only a shop that has it says.
SPEAKS_OF_IT = re.compile(r"personalization|\bpersonal_(?:script|slot|view)\b|\b(?:aslot|record_order)\b")
MOST_LINES = 10


def code(folder: Path) -> list[Path]:
    """The host's own files: all but the adapter, which is new and not changed."""
    files = (path for path in folder.rglob("*") if path.suffix in {".py", ".html", ".js"})
    return [path for path in files if path.name != "personal.py"]


def lines(folder: Path) -> list[str]:
    """Without what only explains itself, before the first import."""
    return [
        line for path in code(folder) if path.name != "__init__.py" for line in path.read_text().splitlines()
    ]


def test_the_difference_is_a_few_marked_lines(host: Keeper) -> None:
    marked = [line for line in lines(host.folder) if MARK.search(line)]
    assert 0 < len(marked) <= MOST_LINES, "\n".join(marked)


def test_the_documentation_shows_all_of_them(host: Keeper) -> None:
    page = (ROOT / "docs" / "how-to" / "three-shops.md").read_text()
    name = f"`{host.folder.relative_to(ROOT)}`"
    (section,) = (part for part in page.split("\n## ")[1:4] if name in part)
    shown = [line[1:] for line in section.splitlines() if line.startswith("+")]
    marked = [
        MARK.sub("", line).replace("# fmt: skip", "") for line in lines(host.folder) if MARK.search(line)
    ]
    assert sorted(shown) == sorted(line.rstrip() for line in marked)


@pytest.mark.skipif(
    apps.is_installed("shop_demo"), reason="the demo shop shows more than an installation needs"
)
def test_no_other_line_speaks_of_it(host: Keeper) -> None:
    unmarked = [line for line in lines(host.folder) if SPEAKS_OF_IT.search(line) and not MARK.search(line)]
    assert unmarked == []


BEFORE = """
import sys
import django
from django.test.utils import get_runner, setup_test_environment
django.setup()
setup_test_environment()
from django.core.management import call_command
call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
from tests.hosts.keepers import keeper
host = keeper()
products = [host.product(name) for name in ("one", "two")]
host.person("ann")
browser = host.browser()
host.log_in(browser, "ann")
for page in host.pages(products[0]).values():
    assert browser.get(page).status_code == 200, page
host.order(browser, *products)
assert host.thanks(browser).status_code == 200
assert [len(order) for order in host.orders()] == [2]
assert "personalization" not in sys.modules
"""


@pytest.mark.skipif(
    apps.is_installed("shop_demo"), reason="the demo shop shows more than an installation needs"
)
def test_without_those_lines_it_is_the_shop_that_it_was(host: Keeper, tmp_path: Path) -> None:
    """A copy without the marked lines and the adapter, and with nothing of ours to import, sells as before."""
    copy = tmp_path / host.folder.relative_to(ROOT)
    shutil.copytree(host.folder, copy)
    shutil.copytree(ROOT / "tests" / "hosts" / "keepers", tmp_path / "tests" / "hosts" / "keepers")
    shutil.copy(ROOT / "tests" / "people.py", tmp_path / "tests")
    for folder in (tmp_path / "tests", tmp_path / "tests" / "hosts"):
        (folder / "__init__.py").touch()
    for path in code(copy):
        kept = [line for line in path.read_text().splitlines(keepends=True) if not MARK.search(line.rstrip())]
        path.write_text("".join(kept))
    for path in copy.rglob("personal.py"):
        path.unlink()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"tests.hosts.{host.name}.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'before.sqlite3'}",
        "PYTHONPATH": str(tmp_path),
    }
    command = [sys.executable, "-W", "error", "-c", BEFORE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_nothing_is_left_to_migrate(host: Keeper) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_system_checks_are_silent(host: Keeper) -> None:
    said = run_checks(databases=["default"])
    assert [message for message in said if message.level >= WARNING] == []


@pytest.mark.django_db
def test_the_doctor_finds_nothing_wrong(host: Keeper, capsys: pytest.CaptureFixture[str]) -> None:
    products = [host.product(name) for name in ("one", "two", "three")]
    host.person("ann")
    browser = host.browser()
    host.log_in(browser, "ann")
    host.order(browser, *products)
    call_command("personalization_doctor")
    told = capsys.readouterr().out
    assert all(host.key(product) in told for product in products)


@pytest.mark.django_db
class TestTheAdapter(AdapterContract):
    """As a host developer tests it."""

    @pytest.fixture(autouse=True)
    def _quick_passwords(self, host: Keeper) -> None:
        """What `host` brings."""

    def prepare(self) -> None:
        host = keeper()
        products = [host.product(name) for name in ("one", "two", "three")]
        host.person("ann")
        browser = host.browser()
        host.log_in(browser, "ann")
        host.order(browser, *products)

    def page(self) -> Page:
        return Page(store=get_adapter().store(_request()))


def _request() -> Any:
    from django.test import RequestFactory

    return RequestFactory().get("/")
