"""The documentation, as its tests read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK: Final = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^ *```$", re.M | re.S)
_FILE: Final = re.compile(r"^`([\w/.]+)`.*:$")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code. ``file``: what the line above it names, as in "`shop/views.py`, in place of what is there:"."""

    page: str
    line: int
    language: str
    code: str
    file: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    found = []
    for match in _BLOCK.finditer(text):
        indent = match["indent"]
        code = "".join(line.removeprefix(indent) for line in match["code"].splitlines(keepends=True))
        above = text[: match.start()].rstrip().rpartition("\n")[2]
        named = _FILE.match(above)
        at = text.count("\n", 0, match.start()) + 1
        found.append(Block(name_of(page), at, match["language"], code, named[1] if named else ""))
    return found


def all_blocks(*languages: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
