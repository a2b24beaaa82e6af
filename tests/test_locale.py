"""Every text of the app and of the demo shop is translated, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext as translate
from django.utils.translation.template import templatize

from personalization.admin.phase import PHASES

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("personalization", "shop_demo")
TRANSLATORS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")
_QUOTED = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_TEXT = re.compile(rf"\bn?gettext\({_QUOTED}[,)]|\bpgettext\({_QUOTED}, {_QUOTED}\)")
#: Between a context and its text, as compiled catalogs write it.
IN = "\x04"


def messages(package: str) -> Path:
    return PROJECT / package / "locale" / "zh_Hans" / "LC_MESSAGES"


def entries(package: str) -> dict[str, str]:
    """msgid, after its context where it has one → msgstr of django.po, the header left out."""
    found: dict[str, str] = {}
    key, context, target = "", "", None
    for line in (messages(package) / "django.po").read_text(encoding="utf-8").splitlines():
        if line.startswith("msgctxt "):
            context = ast.literal_eval(line[8:]) + IN
        elif line.startswith("msgid "):
            key, context, target = context + ast.literal_eval(line[6:]), "", "id"
        elif line.startswith(("msgstr ", "msgstr[0] ")):  # Chinese has one form, whatever the number
            found[key], target = ast.literal_eval(line.split(" ", 1)[1]), "str"
        elif line.startswith('"') and target == "id":
            key += ast.literal_eval(line)
        elif line.startswith('"'):
            found[key] += ast.literal_eval(line)
    del found[""]
    return found


def texts_of_code(package: str) -> Iterator[str]:
    for path in (PROJECT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATORS:
                assert isinstance(node.args[0], ast.Constant | ast.Name | ast.Attribute | ast.Subscript), (
                    f"{path}:{node.lineno}"
                )
                if isinstance(node.args[0], ast.Constant):
                    yield node.args[0].value
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"pgettext", "pgettext_lazy"}:
                yield IN.join(map(ast.literal_eval, node.args))


def texts_of_templates(package: str) -> Iterator[str]:
    for path in (PROJECT / package).rglob("templates/**/*.html"):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for found in TEMPLATE_TEXT.findall(source):
            yield IN.join(ast.literal_eval(text) for text in found if text)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_stands_in_the_catalog_and_nothing_else(package: str) -> None:
    used = {*texts_of_code(package), *texts_of_templates(package)}
    assert set(map(plain, entries(package))) == set(map(plain, used))


def plain(text: str) -> str:
    """Templates look a text from a variable up with its percent signs doubled."""
    return text.replace("%%", "%")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_is_translated_for_good(package: str) -> None:
    assert [text for text, translated in entries(package).items() if not translated] == []
    assert "fuzzy" not in (messages(package) / "django.po").read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "translated"), [pair for one in PACKAGES for pair in entries(one).items()])
def test_placeholders_survive_translation(text: str, translated: str) -> None:
    assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(translated))


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_compiled_is_what_is_written(package: str) -> None:
    with (messages(package) / "django.mo").open("rb") as compiled:
        catalog = gettext.GNUTranslations(compiled)
    written = entries(package)
    assert {text: catalog.gettext(text) for text in written} == written
    size = int.from_bytes((messages(package) / "django.mo").read_bytes()[8:12], "little")
    assert size == len(written) + 1  # and the header


def test_words_that_mean_something_else_in_a_shop_have_a_context() -> None:
    with translation.override("zh-hans"):
        assert str(PHASES["running"]) == "运行中"
        assert translate("running") == "跑步"  # a sport of the demo shop


def test_django_finds_it() -> None:
    with translation.override("zh-hans"):
        assert translate("New in the shop") == "新品上架"
