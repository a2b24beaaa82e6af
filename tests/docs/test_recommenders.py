"""docs/reference/recommenders.md names every recommender of the registry, every option and every default."""

from __future__ import annotations

import ast
import re
from dataclasses import MISSING, fields
from typing import Any, Final

import pytest
from django.utils.module_loading import import_string

from personalization.registry import BUILT_IN, ON_REQUEST
from tests.docs.pages import ROOT

TEXT: Final = (ROOT / "docs" / "reference" / "recommenders.md").read_text()
DECLARED: Final = {**BUILT_IN, **ON_REQUEST}
#: What no alias names.
MORE: Final = (
    "personalization.engine.recommenders.mixture.Mixture",
    "personalization.engine.recommenders.recency_blend.RecencyBlend",
)
BACKENDS: Final = sorted({str(declaration["BACKEND"]) for declaration in DECLARED.values()} | set(MORE))

_ALIAS: Final = re.compile(r"^\| `([a-z0-9-]+)` \| `([^`]+)` \|", re.M)
_CODE: Final = re.compile(r"`([^`]+)`")
_ROW: Final = re.compile(r"^\| (?P<names>`[a-z_]+`(?:, `[a-z_]+`)*) \| (?P<defaults>[^|]+) \|", re.M)


def section(name: str) -> str:
    """What stands under a heading, to the next of its rank."""
    (found,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    return str(found)


def written(name: str) -> dict[str, str]:
    """Option → default, as the tables of a recommender's section say; one default may be for several options."""
    found = {}
    for row in _ROW.finditer(section(name)):
        names = _CODE.findall(row["names"])
        defaults = _CODE.findall(row["defaults"]) or [row["defaults"]]
        found.update(zip(names, defaults if len(defaults) > 1 else defaults * len(names), strict=True))
    return found


def test_every_alias_is_listed_with_what_it_is() -> None:
    listed = dict(_ALIAS.findall(TEXT.partition("\n## ")[0]))
    assert listed.keys() == DECLARED.keys()
    for alias, shown in listed.items():
        call = ast.parse(shown, mode="eval").body
        assert isinstance(call, ast.Call)
        options = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        assert DECLARED[alias]["BACKEND"].endswith(f".{ast.unparse(call.func)}")
        assert DECLARED[alias].get("OPTIONS", {}) == options


@pytest.mark.parametrize("path", BACKENDS)
def test_every_option_is_told_with_its_default(path: str) -> None:
    recommender = import_string(path)
    told = written(recommender.__name__)
    has = {field.name: field for field in fields(recommender)}
    assert told.keys() == has.keys()
    for name, shown in told.items():
        known, default = _literal(shown)
        if known:
            assert has[name].default is not MISSING
            assert has[name].default == default, name


def _literal(shown: str) -> tuple[bool, Any]:
    """What a default is; a name or a call, which stands for one, is not compared."""
    try:
        return True, ast.literal_eval(shown)
    except (ValueError, SyntaxError):
        return False, None
