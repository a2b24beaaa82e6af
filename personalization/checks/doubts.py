"""Settings that are right, and hardly what was meant: warnings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

from personalization.checks.rule import check_id
from personalization.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def doubts() -> Iterator[CheckMessage]:
    """For settings without a fault only: values are used as they stand."""
    yield from _map_dir()
    yield from _cookie_age()


def _map_dir() -> Iterator[CheckMessage]:
    """Serving works without local copies, so a folder that cannot be written is no error."""
    if settings.MAP_BUILDS and not _writable(settings.map_dir):
        yield Warning(
            f"PERSONALIZATION['MAP_DIR']: {str(settings.map_dir)!r} cannot be written to; builds are not mapped.",
            hint="Name a folder that the workers may write to, or set MAP_BUILDS to False.",
            id=check_id(1, "W"),
        )


def _cookie_age() -> Iterator[CheckMessage]:
    kept, age = settings.RETENTION_DAYS, settings.cookie["AGE_DAYS"]
    if kept is not None and age > kept:
        yield Warning(
            f"PERSONALIZATION['COOKIE'] lives {age} days, longer than the {kept} of RETENTION_DAYS: browsers "
            "would carry a key to what is forgotten.",
            hint=f'Set COOKIE to {{"AGE_DAYS": {kept}}} or less.',
            id=check_id(4, "W"),
        )


def _writable(folder: Path) -> bool:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
