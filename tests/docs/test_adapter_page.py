"""The color histogram of docs/how-to/adapter.md does what the page says."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest

from tests.docs.pages import ROOT, blocks

Image = pytest.importorskip("PIL.Image")


def described(color: str) -> Any:
    (block,) = [
        one
        for one in blocks(ROOT / "docs" / "how-to" / "adapter.md")
        if one.code.startswith("# shop/pictures.py")
    ]
    known: dict[str, Any] = {}
    exec(compile(block.code, str(block), "exec"), known)
    file = BytesIO()
    Image.new("RGBA", (300, 200), color).save(file, "PNG")
    return np.array(known["describe_picture"](file))


def test_pictures_of_like_colors_are_alike() -> None:
    red, dark, blue = described("#e01010"), described("#c81010"), described("#1010e0")
    assert len(red) == 24
    assert red.sum() == pytest.approx(3)
    assert red @ dark > red @ blue
