"""Whether templates show slots, and tell what is looked at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.template import engines
from django.template.backends.django import DjangoTemplates

from personalization.exceptions import InvalidInputError
from personalization.management.doctor.finding import error, fine, note, warning
from personalization.serving import get_slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.management.doctor.finding import Finding

ABOUT: Final = "Pages"
_SLOT: Final = re.compile(r"\{%-?\s*personal_slot\s")
#: The name of a slot that is written in its tag, and not in a variable.
_NAME: Final = re.compile(_SLOT.pattern + r"""["']([^"']*)["']""")
_SCRIPT: Final = re.compile(r"\{%-?\s*personal_script\b")
_OURS: Final = Path(__file__).resolve().parents[2]
_MOST: Final = 5_000  #: templates that are looked through
_LARGEST: Final = 1_000_000


def look() -> Iterator[Finding]:
    slots, scripts = _using(_SLOT, _SCRIPT)
    yield from _unknown(slots)
    if slots:
        yield fine(ABOUT, f"Slots are shown by {_named(slots)}.")
    else:
        yield warning(
            ABOUT,
            "No template shows a slot.",
            add='{% load personalization %}{% personal_view product %}\n{% personal_slot "similar" item=product count=4 title="Similar items" %}',
            to="the template of a product",
        )
    if scripts:
        yield fine(ABOUT, f"The script stands in {_named(scripts)}.")
    else:
        text = "No template has the script: impressions and clicks are not seen, and views only where you track() them."
        add = "{% load personalization %}{% personal_script %}"
        yield note(ABOUT, text, add=add, to="the base template, before </body>")


def _unknown(templates: list[Path]) -> Iterator[Finding]:
    """Slots that nobody declared: their places stay empty, and only the log says why."""
    for path in templates:
        for name in dict.fromkeys(_NAME.findall(_text(path))):
            try:
                get_slot(name)
            except InvalidInputError as wrong:
                yield error(ABOUT, f"{path.name}: {wrong.message}.")


def _using(*tags: re.Pattern[str]) -> tuple[list[Path], ...]:
    """The templates that use each of the tags."""
    found: tuple[list[Path], ...] = tuple([] for _ in tags)
    for path in _templates():
        text = _text(path)
        for using, tag in zip(found, tags, strict=True):
            if tag.search(text):
                using.append(path)
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _templates() -> Iterator[Path]:
    """The shop's own files."""
    count = 0
    for folder in _folders():
        for path in sorted(folder.rglob("*")):
            count += 1
            if count > _MOST:
                return
            if path.suffix in {".html", ".htm", ".txt", ".jinja"} and path.stat().st_size <= _LARGEST:
                yield path


def _folders() -> list[Path]:
    """Where templates are looked for, without those that were installed with a package."""
    found = [
        Path(folder)
        for engine in engines.all()
        if isinstance(engine, DjangoTemplates)
        for folder in engine.template_dirs
    ]
    return [each for each in dict.fromkeys(found) if each.is_dir() and not _is_installed(each)]


def _is_installed(folder: Path) -> bool:
    return "site-packages" in folder.parts or folder.resolve().is_relative_to(_OURS)


def _named(paths: list[Path]) -> str:
    names = [path.name for path in paths]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
