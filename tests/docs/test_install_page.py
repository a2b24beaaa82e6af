"""What docs/how-to/install.md says of the size of it, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import ROOT, blocks

pytestmark = pytest.mark.slow

PAGE: Final = ROOT / "docs" / "how-to" / "install.md"
MEGABYTE: Final = 1_000_000
#: A model learns and answers there.
LEARN: Final = """
import numpy as np
from personalization.engine import EASE, Interactions
visitors, items = np.array([[0, 0, 1, 1, 2], [0, 1, 0, 1, 0]], np.int32)
sold = Interactions(visitors, items, weights=np.ones(5, np.float32), n_visitors=3, n_items=2)
suggested, scores = EASE().fit(sold).recommend(2, count=1)
assert suggested.tolist() == [1] and scores[0] > 0, (suggested, scores)
"""


@pytest.mark.skipif("not os.environ.get('REQUIRE_SERVICES')", reason="downloads from a package index")
def test_a_small_image_is_below_200_mb_over_django(tmp_path: Path) -> None:
    """Without a compiler: whatever would call one fails."""
    (block,) = [found for found in blocks(PAGE) if "--no-compile" in found.code]
    image = tmp_path / "image"
    subprocess.run([sys.executable, "-m", "venv", image], check=True)
    packages = next((image / "lib").glob("python3*/site-packages"))
    _run(image, tmp_path, "pip install -q --no-compile django")
    of_django = _bytes(packages)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    # Not from where it stands: a build leaves files in its folder.
    shutil.copytree(ROOT / "personalization", tmp_path / "personalization")
    _run(image, tmp_path, block.code.replace(" django-personalization", " ."))
    assert not [*packages.glob("scipy/**/tests")]
    added = _bytes(packages) - of_django
    assert added < 200 * MEGABYTE, added
    _run(image, image, f"python - <<'END'\n{LEARN}\nEND")


def _run(image: Path, folder: Path, lines: str) -> None:
    environment = {
        "PATH": f"{image / 'bin'}:{os.environ['PATH']}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CC": "false",
        "CXX": "false",
    }
    subprocess.run(["sh", "-ec", lines], cwd=folder, env={**os.environ, **environment}, check=True)


def _bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
