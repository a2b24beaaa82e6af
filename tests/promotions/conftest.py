"""Eight processes, started once for all tests that need them."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tests.promotions.processes import Crowd


@pytest.fixture(scope="session")
def _crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.close()


@pytest.fixture
def at_once(
    threads_db: None, _crowd: Crowd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Sequence[Callable[[], Any]]], list[Any]]]:
    """What calls return that eight processes make at once, on this test's database.

    One such test at a time, however many workers run the suite: a server has only so many connections.
    """
    with (tmp_path_factory.getbasetemp().parent / "crowd.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield partial(_crowd, {"NAME": connection.settings_dict["NAME"]})
