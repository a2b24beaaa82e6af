"""Fixtures that every test may use."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connections
from django.utils import translation

from personalization import conf
from personalization.api.throttle import outage
from personalization.store import shield
from personalization.store.catalog import forget_cards
from personalization.store.item_catalog import forget_catalogs
from personalization.store.live_campaigns import forget_live_campaigns
from personalization.store.live_promotions import forget_live_promotions
from personalization.store.live_tables import forget_tables
from tests import goods as shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.core.management.color import Style
    from pytest_django.live_server_helper import LiveServer

TESTS = Path(__file__).parent
#: They start the demo shop in processes of its own, look at its pages in its language, or read what names its commands.
OF_THE_DEMO = ("brokers", "docs", "load", "journeys", "shop_demo")

_process = count()

hypothesis.settings.register_profile("suite", deadline=None)  # a busy machine fails nobody
hypothesis.settings.load_profile("suite")


def pytest_configure() -> None:
    """Hashing a password is slow on purpose, and no test is about passwords."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """In another host than the demo shop, tests of the demo shop are none of its business."""
    if apps.is_installed("shop_demo") or not collection_path.is_relative_to(TESTS):
        return None
    if collection_path.is_dir():
        return True if collection_path.name in OF_THE_DEMO or _is_about_the_demo(collection_path) else None
    about_the_demo = _is_about_the_demo(collection_path)
    return True if about_the_demo and TESTS / "hosts" not in collection_path.parents else None


def _is_about_the_demo(path: Path) -> bool:
    file = path / "conftest.py" if path.is_dir() else path
    return file.suffix == ".py" and file.exists() and "from shop_demo" in file.read_text()


@pytest.fixture(scope="session", autouse=True)
def _rows_are_deleted() -> Iterator[None]:
    """After a test with transactions of its own the tables are emptied. Django truncates them on PostgreSQL, which
    writes new files for each and waits for the disk: a second. To delete a test's few rows takes a hundredth."""
    if connections["default"].vendor != "postgresql":
        yield
        return

    def delete(_style: Style, tables: Sequence[str], **_options: bool) -> list[str]:
        return [f"DELETE FROM {connections['default'].ops.quote_name(table)}" for table in tables]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections["default"].ops, "sql_flush", delete)
        yield


@pytest.fixture(autouse=True)
def _any_host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs from host to host and is told apart in tests/hosts: the language that tests read, and requests
    that are transactions, which the transaction of a test would only imitate."""
    if TESTS / "hosts" not in request.path.parents:
        translation.activate("en")
        monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", False)


@pytest.fixture(autouse=True)
def _fresh_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """What a process keeps (cards, mapped builds, counted requests, a request's language) ends with the test, as its rows do."""
    folder = tmp_path_factory.getbasetemp() / f"builds-{next(_process)}"
    monkeypatch.setitem(conf.DEFAULTS, "MAP_DIR", str(folder))
    yield
    forget_cards()
    forget_catalogs()
    forget_tables()
    forget_live_campaigns()
    forget_live_promotions()
    outage.forget()
    cache.clear()
    translation.deactivate()


@pytest.fixture
def goods(settings: Any) -> Iterator[None]:
    """An empty shop whose products lie in memory; `tests.goods.put` fills it."""
    settings.PERSONALIZATION = shelf.GOODS
    shelf.clear()
    yield
    shelf.clear()


@pytest.fixture
def unasked(settings: Any) -> None:
    """A shop that may know people before they agree, as most may, whatever the host of the suite does."""
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": False}


@pytest.fixture
def languages(settings: Any) -> None:
    """Pages follow the language of the browser, as in hosts that use Django's middleware for it."""
    settings.LANGUAGE_CODE = "en"
    settings.LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
    by_browser = "django.middleware.locale.LocaleMiddleware"
    if by_browser not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, by_browser]


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """The live server, made after the database of the tests: it looks once whether that lies in memory, where all of
    its threads must share the one connection."""
    return live_server


@pytest.fixture
def threads_db(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that threads may write to at once.

    The tests' SQLite database lives in memory, where connections lock each other out instead of waiting; this puts
    a copy of it in a file in its place. Other databases stay as they are.
    """
    if connections["default"].vendor != "sqlite":
        yield
        return
    shared = connections["default"].settings_dict
    in_memory, name = connections["default"], shared["NAME"]
    shared["NAME"] = str(tmp_path / "threads.sqlite3")
    connections["default"] = in_memory.copy()
    connections["default"].ensure_connection()
    in_memory.ensure_connection()
    in_memory.connection.backup(connections["default"].connection)
    yield
    connections["default"].close()
    shared["NAME"] = name
    connections["default"] = in_memory


@pytest.fixture
def savepoints_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run inside a transaction, where PostgreSQL and MariaDB get savepoints; pages usually do not."""
    monkeypatch.setattr(shield, "unspoiled", lambda work: work())
