from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from tests.hosts.keepers import keeper
from tests.journeys.conftest import browser as chromium
from tests.journeys.conftest import expected

__all__ = ["chromium", "expected", "host"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.keepers.base import Keeper


@pytest.fixture
def host() -> Iterator[Keeper]:
    """The keeper of the shop that the suite runs under."""
    cache.clear()
    yield keeper()
    cache.clear()
