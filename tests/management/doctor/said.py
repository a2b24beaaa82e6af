from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from personalization.management.doctor import Finding, Level


def texts(found: Iterable[Finding], level: Level, about: str = "") -> str:
    """What was said of a level, all in one."""
    return "\n".join(one.text for one in found if one.level == level and about in one.about)
