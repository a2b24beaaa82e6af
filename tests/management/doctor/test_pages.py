from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import personalization
from personalization.management.doctor import Finding, Level, pages
from tests.management.doctor.said import texts


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """The one folder of the shop's own templates."""
    engine = copy.deepcopy(settings.TEMPLATES[0])
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, tmp_path / "nowhere"], "APP_DIRS": False}]
    return tmp_path


def found() -> list[Finding]:
    return list(pages.look())


def test_a_shop_without_slots_gets_the_lines(folder: Path) -> None:
    (folder / "home.html").write_text("<h1>personal_slot</h1>")
    slot, script = found()
    assert (slot.level, script.level) == (Level.WARNING, Level.NOTE)
    assert '{% personal_slot "similar" item=product' in slot.add
    assert script.add == "{% load personalization %}{% personal_script %}"


def test_templates_with_tags_are_named(folder: Path) -> None:
    (folder / "shop").mkdir()
    for name in ("a", "b", "c", "d"):
        (folder / "shop" / f"{name}.html").write_text(
            "{% load personalization %}{% personal_slot 'for_you' %}"
        )
    (folder / "base.html").write_text("{%- personal_script -%}{% block x %}{% endblock %}")
    said = texts(found(), Level.FINE)
    assert "a.html, b.html, c.html and 1 more" in said
    assert "base.html" in said


def test_files_of_any_size_and_encoding_are_borne(folder: Path) -> None:
    (folder / "old.html").write_bytes(b"\xff\xfe{% personal_slot 'popular' %}")
    (folder / "huge.html").write_text("{% personal_script %}" + " " * 1_000_001)
    (folder / "picture.png").write_bytes(b"{% personal_script %}")
    assert "old.html" in texts(found(), Level.FINE)
    assert "No template has the script" in texts(found(), Level.NOTE)


def test_a_slot_that_nobody_declared_is_an_error(folder: Path, settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "SLOTS": {"basket": {}}}
    (folder / "home.html").write_text(
        "{% personal_slot 'simlar' %}{% personal_slot 'page.basket' %}{% personal_slot chosen %}{% personal_slot \"simlar\" %}"
    )
    (finding,) = (one for one in found() if one.level == Level.ERROR)
    assert finding.text.startswith(
        "home.html: there is no slot 'simlar'; known: basket, buy_again, for_you, "
    )


def test_our_own_templates_do_not_count(settings: Any) -> None:
    own = Path(personalization.__file__).parent / "templates"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [own], "APP_DIRS": False}]
    assert "No template shows a slot" in texts(found(), Level.WARNING)
