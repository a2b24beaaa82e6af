"""The reference says what there is, all of it, and the templates that are shown compile."""

from __future__ import annotations

import inspect
import re
from typing import Final

import pytest
from django.dispatch import Signal
from django.template import engines

from personalization import shortcuts, signals
from personalization.conf import DEFAULTS
from personalization.templatetags.personalization import register
from tests.docs.pages import ROOT, Block, all_blocks

REFERENCE: Final = ROOT / "docs" / "reference"
FUNCTIONS: Final = [name for name in shortcuts.__all__ if inspect.isfunction(getattr(shortcuts, name))]
LOAD: Final = "{% load personalization cache i18n %}"


def page(name: str) -> str:
    return (REFERENCE / name).read_text()


def test_python_has_every_name() -> None:
    named = set(re.findall(r"\w+", page("python.md")))
    assert set(shortcuts.__all__) <= named


@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_has_every_argument(name: str) -> None:
    (written,) = re.findall(rf"^### `{name}\((.*)\)`$", page("python.md"), re.M)
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in _parameters(name)]
    assert f"({written})" == str(inspect.Signature(bare)).replace("'", '"')


def _parameters(name: str) -> list[inspect.Parameter]:
    return list(inspect.signature(getattr(shortcuts, name)).parameters.values())


def test_settings_has_every_key() -> None:
    first_table = page("settings.md").partition("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", first_table, re.M)) == DEFAULTS.keys()


def test_tags_has_every_tag_and_filter() -> None:
    text = page("tags.md")
    assert [name for name in register.tags if f"{{% {name}" not in text] == []
    assert [name for name in register.filters if f"|{name}" not in text] == []


def test_signals_has_every_signal() -> None:
    sent = [name for name, value in vars(signals).items() if isinstance(value, Signal)]
    assert sent
    assert [name for name in sent if f"`personalization.signals.{name}`" not in page("signals.md")] == []


@pytest.mark.parametrize("block", all_blocks("django"), ids=str)
def test_templates_compile(block: Block) -> None:
    """With our tags and Django's loaded; a template that extends another must say so first."""
    first, newline, rest = block.code.partition("\n")
    code = first + newline + LOAD + rest if first.startswith("{% extends") else LOAD + block.code
    engines["django"].from_string(code)
