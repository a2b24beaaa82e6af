"""docs/quickstart.md, followed to the letter in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import ROOT, Block, blocks

pytestmark = pytest.mark.slow

PAGE: Final = ROOT / "docs" / "quickstart.md"
#: Lines that are another's work: what they install is here already, and a server would never end.
ELSEWHERE: Final = ("mkdir myshop", "python3 -m venv", "pip install", "python manage.py runserver")
#: What the page has the reader see in a browser; `COUPON` is what is done in the admin.
LOOK: Final = """
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags
ann = Client(headers={"user-agent": "Mozilla/5.0"}, SERVER_NAME="localhost")
assert ann.login(username="ann", password="likes-rain")
home = strip_tags(ann.get("/").content.decode())
assert home.index("Because you bought Sleeping bag") < home.index("Popular"), home
rope = strip_tags(ann.get("/products/4/").content.decode())
assert "Harness" in rope and "Chalk" in rope, rope
"""
COUPON: Final = """
import time
from decimal import Decimal
from personalization.engine.promotions import PercentOff
from personalization.promotions.issue import issue
from personalization.registry import get_vocabulary
from personalization.store.coupons import NewCoupons
from personalization.store.promotion_content import PromotionContent, State
from personalization.store.promotions import PROMOTIONS
now = time.time_ns() // 1000
ten_off = PromotionContent("Ten off", PercentOff(Decimal(10)), "EUR", State.RUNNING, needs_code=True)
saved = PROMOTIONS.save(ten_off, vocabulary=get_vocabulary(), author="ann", now=now)
assert issue("SAVE-10", NewCoupons(saved.id, limit=None), now=now)
for product in ("1", "2"):
    assert ann.post("/cart/", {"product": product}).status_code == 302
assert "100.00 − 10.00 = 90.00 EUR" in ann.get("/cart/", {"code": "save10"}).content.decode()
refused = strip_tags(ann.get("/cart/", {"code": "other"}).content.decode())
assert "100.00 − 0.00 = 100.00 EUR" in refused and "This code cannot be used." in refused, refused
"""


def test_every_line_works_in_an_empty_folder(tmp_path: Path) -> None:
    said = ""
    for block in blocks(PAGE):
        if block.file:
            _write(block, tmp_path)
        elif block.language == "text":
            assert block.code.strip() in said, f"{block}: {said}"
        else:
            said = _run(block.code, tmp_path)
    _run('python manage.py shell -c "$LOOK"', tmp_path, LOOK=LOOK + COUPON)


def test_the_page_has_something_to_follow() -> None:
    kinds = [block.file or block.language or "shell" for block in blocks(PAGE)]
    assert len(kinds) > 12
    assert {"shell", "text", "shop/models.py", "mysite/settings.py", "shop/personal.py"} <= set(kinds)


def _write(block: Block, folder: Path) -> None:
    """Into a file that is there already where the page says so, at the end of the settings."""
    path = folder / block.file
    assert path.parent.is_dir(), f"{block}: nobody made {path.parent.name}"
    with path.open("a" if path.name == "settings.py" else "w") as file:
        file.write(block.code)


def _run(lines: str, folder: Path, **environment: str) -> str:
    script = "".join(line for line in lines.splitlines(keepends=True) if not line.startswith(ELSEWHERE))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"PATH": path, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", **environment}
    shell = ["bash", "-eu", "-c", script]
    done = subprocess.run(shell, cwd=folder, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
