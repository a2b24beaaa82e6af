"""docs/explanation/engine.md, run from top to bottom where Django cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest

from tests.docs.engine_page import IMAGES, PAGE
from tests.docs.pages import ROOT, blocks


@pytest.fixture(scope="module")
def told() -> Any:
    command = [sys.executable, "-m", "tests.docs.engine_page"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_its_blocks_print_stands_below_them(told: Any) -> None:
    shown = [
        (str(block), below.code)
        for block, below in pairwise(blocks(PAGE))
        if (block.language, below.language) == ("python", "text")
    ]
    places = [str(block) for block in blocks(PAGE) if block.language == "python"]
    assert shown == list(zip(places, told["printed"], strict=True))


def test_its_plots_are_those_figures(told: Any) -> None:
    assert told["plots"].keys() == {path.name for path in IMAGES.glob("engine-*.svg")}
    for name, plot in told["plots"].items():
        assert (IMAGES / name).read_text() == plot, "python -m tests.docs.engine_page --write"
        assert f"images/{name})" in PAGE.read_text()
        assert len(plot) < 30_000


def test_nothing_else_can_be_imported_there() -> None:
    script = (
        "import sys; from tests.docs.engine_page import OnlyTheEngine; sys.meta_path.insert(0, OnlyTheEngine())\n"
        "for name in ('django', 'pandas', 'personalization.conf', 'numba'):\n"
        "    try: __import__(name)\n"
        "    except ModuleNotFoundError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("the engine does without") == 4
