"""How single parts of a version are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from personalization.admin.wall_time import wall_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.admin.difference import Show


def yes_or_no(name: str) -> Show:
    """Of a part that is true or false."""

    def show(content: Mapping[str, Any]) -> str:
        return gettext("yes") if content[name] else gettext("no")

    return show


def text(name: str) -> Show:
    """Of a part that is text or a number; nothing for none."""

    def show(content: Mapping[str, Any]) -> str:
        value = content[name]
        return "" if value is None else str(value)

    return show


def wall(name: str) -> Show:
    """Of a part that is an instant: by the shop's clock."""

    def show(content: Mapping[str, Any]) -> str:
        return wall_text(content[name]).replace("T", " ")

    return show
