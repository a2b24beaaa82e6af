from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def use(settings: Any, request: pytest.FixtureRequest) -> Callable[[type], None]:
    """Make an adapter the shop's."""

    def put(adapter: type) -> None:
        request.module.Wrong = adapter
        adapter_path = f"{request.module.__name__}.Wrong"
        settings.PERSONALIZATION = {**settings.PERSONALIZATION, "ADAPTER": adapter_path}

    return put
