"""The catalog of bad inputs: what people and programs really send."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def _catalog() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "bad_inputs.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def cases(surface: str) -> list[dict[str, Any]]:
    """The cases of one surface: dicts of surface, field, value, expect."""
    return [case for case in _catalog() if case["surface"] == surface]
