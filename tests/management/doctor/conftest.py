from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.test import override_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BARE = ["django.contrib.auth", "django.contrib.contenttypes", "personalization"]


@pytest.fixture
def bazaar() -> Iterator[None]:
    """An unusual shop, and no other, is installed. Models remember what leads to them, nothing before they are, too."""
    with override_settings(INSTALLED_APPS=[*BARE, "tests.adapters.bazaar"]):
        apps.clear_cache()
        yield


@pytest.fixture
def use(settings: Any, request: pytest.FixtureRequest) -> Callable[[type], None]:
    """Make an adapter the shop's."""

    def put(adapter: type) -> None:
        request.module.Wrong = adapter
        adapter_path = f"{request.module.__name__}.Wrong"
        settings.PERSONALIZATION = {**settings.PERSONALIZATION, "ADAPTER": adapter_path}

    return put
