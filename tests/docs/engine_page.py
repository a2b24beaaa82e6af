"""Runs docs/explanation/engine.md where nothing but numpy and scipy can be imported, and draws its plots.

python -m tests.docs.engine_page           what its blocks print, and the plots, as JSON
python -m tests.docs.engine_page --write   stores the plots in docs/images
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, Final

from tests.docs.engine_plots import draw
from tests.docs.pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

PAGE: Final = ROOT / "docs" / "explanation" / "engine.md"
IMAGES: Final = ROOT / "docs" / "images"

ALLOWED: Final = {"numpy", "scipy", "personalization"} | sys.stdlib_module_names
#: A module of the standard library whose name depends on the platform.
BUILD_DATA: Final = "_sysconfigdata"


class OnlyTheEngine:
    """A finder in front of all others that refuses the rest."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        parts = name.split(".")
        ours = parts[0] != "personalization" or parts[1:2] in ([], ["engine"])
        allowed = parts[0] in ALLOWED or parts[0].startswith(BUILD_DATA)
        if not (allowed and ours):
            raise ModuleNotFoundError(f"the engine does without {name}", name=name)
        return None


def run() -> dict[str, Any]:
    """What each block of Python printed, and the plots by name."""
    sys.meta_path.insert(0, OnlyTheEngine())
    known: dict[str, Any] = {"__name__": "engine"}
    printed = []
    for block in blocks(PAGE):
        if block.language == "python":
            out = io.StringIO()
            with redirect_stdout(out):
                exec(compile("\n" * block.line + block.code, str(PAGE), "exec"), known)
            printed.append(out.getvalue())
    return {"printed": printed, "plots": draw(known)}


if __name__ == "__main__":
    told = run()
    if "--write" in sys.argv:
        for name, plot in told["plots"].items():
            (IMAGES / name).write_text(plot)
    else:
        print(json.dumps(told))
