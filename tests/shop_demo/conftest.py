"""What filling the shop needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def debug(settings: Any, tmp_path: Path) -> None:
    """Seeding makes accounts with public passwords, so it asks for DEBUG; what it planted is told in a file."""
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
