from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext

from personalization import conf
from shop_demo.models import Order
from shop_demo.personal import ShopAdapter
from tests.served import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Templates of the demo shop show slots of its own.
SLOTS = {"SLOTS": conf.settings.SLOTS}
NOTHING = "Nothing tells which products there are"


class Broken(ShopAdapter):
    def iter_items(self, tenant: str = "") -> Iterator[Any]:
        raise ZeroDivisionError


def test_a_good_shop_in_plain_words(shop: list[Order], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("personalization_doctor")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Installation"
    assert "  ok       mug · Mug · 9.50 EUR · Cups · 3 in stock · may be shown" in lines
    assert lines[-1].startswith("0 errors, ")


def test_the_same_for_programs(shop: list[Order], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("personalization_doctor", json=True)
    result = json.loads(capsys.readouterr().out)
    assert result["errors"] == 0
    assert result["fine"] + result["notes"] + result["warnings"] == len(result["findings"])
    assert {"level", "about", "text", "add", "to"} == result["findings"][0].keys()


def test_errors_end_with_a_failure(
    shop: list[Order], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PERSONALIZATION = {**SLOTS, "ADAPTER": f"{__name__}.Broken"}
    with pytest.raises(CommandError, match="1 of these do not work yet") as failed:
        call_command("personalization_doctor", json=True)
    assert failed.value.returncode == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["text"] for one in told["findings"] if one["level"] == "error"] == [
        "ZeroDivisionError: no message"
    ]


def test_an_adapter_that_cannot_be_imported(
    db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PERSONALIZATION = {"ADAPTER": "shop_demo.nothing.Adapter"}
    with pytest.raises(CommandError, match="of these do not work yet"):
        call_command("personalization_doctor")
    told = capsys.readouterr().out
    assert "personalization.E003" in told
    assert "No module named 'shop_demo.nothing'" in told


def test_without_settings_it_says_what_to_write(
    shop: list[Order], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PERSONALIZATION = SLOTS
    with pytest.raises(CommandError, match="1 of these"):
        call_command("personalization_doctor")
    told = capsys.readouterr().out
    assert NOTHING in told
    assert "These look like your shop: shop_demo.Product, shop_demo.Order, shop_demo.OrderLine." in told
    assert "             class ShopAdapter(DeclarativeAdapter):\n" in told
    assert 'PERSONALIZATION = {"ADAPTER": "shop_demo.personal.ShopAdapter"}' in told


def test_a_project_without_a_shop(db: None, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.PERSONALIZATION = SLOTS
    settings.INSTALLED_APPS = [each for each in settings.INSTALLED_APPS if each != "shop_demo"]
    with pytest.raises(CommandError, match="of these"):
        call_command("personalization_doctor")
    assert "No installed model looks like products" in capsys.readouterr().out


def test_imported_items_are_a_shop(db: None, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.PERSONALIZATION = SLOTS
    Shop()
    call_command("personalization_doctor")
    told = capsys.readouterr().out
    assert "a · Item a · 9.50 EUR" in told
    assert NOTHING not in told


def test_nothing_is_written(shop: list[Order], settings: Any) -> None:
    """Nor is anything locked."""
    for configured in (settings.PERSONALIZATION, {**SLOTS, "PRODUCT_MODEL": "shop_demo.Product"}):
        settings.PERSONALIZATION = configured
        with CaptureQueriesContext(connection) as sent:
            call_command("personalization_doctor", json=True)
        statements = [query["sql"].strip() for query in sent]
        assert statements
        reading = ("SELECT", "DECLARE", "FETCH", "CLOSE", "SHOW", "PRAGMA")
        assert all(sql.startswith(reading) and "FOR UPDATE" not in sql for sql in statements)


def test_a_tenant_must_be_possible(db: None) -> None:
    with pytest.raises(CommandError, match="a tenant has at most 64 characters"):
        call_command("personalization_doctor", tenant="x" * 65)


def test_tables_that_are_not_there_are_said_once(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """A migration is not applied, and the doctor goes on to the shop."""
    (newest,) = MigrationLoader(None).graph.leaf_nodes("personalization")
    MigrationRecorder(connection).record_unapplied(*newest)
    with pytest.raises(CommandError, match="1 of these"):
        call_command("personalization_doctor")
    told = capsys.readouterr().out
    assert "python manage.py migrate" in told
    assert "\nWork\n" not in told
    assert "\nProducts\n" in told
