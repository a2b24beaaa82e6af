"""Fixtures that every test may use."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.utils import translation

from personalization import conf
from personalization.api.throttle import outage
from personalization.store.catalog import forget_cards
from personalization.store.live_tables import forget_tables
from tests import goods as shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

_process = count()


@pytest.fixture(autouse=True)
def _fresh_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """What a process keeps (cards, mapped builds, counted requests, a request's language) ends with the test, as its rows do."""
    folder = tmp_path_factory.getbasetemp() / f"builds-{next(_process)}"
    monkeypatch.setitem(conf.DEFAULTS, "MAP_DIR", str(folder))
    yield
    forget_cards()
    forget_tables()
    outage.forget()
    cache.clear()
    translation.deactivate()


@pytest.fixture
def goods(settings: Any) -> Iterator[None]:
    """An empty shop whose products lie in memory; `tests.goods.put` fills it."""
    settings.PERSONALIZATION = shelf.GOODS
    yield
    shelf.clear()


@pytest.fixture
def threads_db(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that threads may write to at once.

    The tests' SQLite database lives in memory, where connections lock each other out instead of waiting; this puts
    a migrated file in its place. Other databases stay as they are.
    """
    if connections["default"].vendor != "sqlite":
        yield
        return
    shared = connections["default"].settings_dict
    in_memory, name = connections["default"], shared["NAME"]
    shared["NAME"] = str(tmp_path / "threads.sqlite3")
    connections["default"] = in_memory.copy()
    call_command("migrate", verbosity=0)
    yield
    connections["default"].close()
    shared["NAME"] = name
    connections["default"] = in_memory
