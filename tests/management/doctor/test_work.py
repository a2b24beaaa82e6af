from __future__ import annotations

import pytest

from personalization.adapters import get_adapter
from personalization.management.doctor import Finding, Level, work
from personalization.management.doctor.visit import Visit
from personalization.store.cursors import move_cursor
from personalization.store.overview import Overview, look_over
from tests.management.doctor.said import texts
from tests.served import NOW, Shop

pytestmark = pytest.mark.django_db
DAY = 86_400_000_000


def found(*, now: int = NOW, reads_orders: bool = True) -> list[Finding]:
    return list(work.look(Visit(get_adapter(), "", now), reads_orders=reads_orders))


def test_what_was_never_done_comes_with_the_lines() -> None:
    commands = [finding.add for finding in found()]
    assert commands[:2] == ["python manage.py import_orders", "python manage.py rebuild_recommendations"]
    assert all(finding.level == Level.WARNING for finding in found())
    assert "manage.py run_due" in commands[2]


def test_orders_that_are_not_read_are_not_pulled() -> None:
    assert "Orders" not in texts(found(reads_orders=False), Level.WARNING)


def test_what_was_done_is_said_with_its_time() -> None:
    Shop().publish("item-cosine", weights={"a": {"b": 1.0}})
    move_cursor("orders", NOW, tenant="")
    seen = found()
    assert {finding.level for finding in seen} == {Level.FINE}
    assert "Orders were imported up to 2023-11-14 22:13 UTC." in texts(seen, Level.FINE)
    assert "item-cosine were published at 2023-11-14" in texts(seen, Level.FINE)


@pytest.mark.parametrize(("days", "late"), [(1, False), (2, True)])
def test_work_that_was_left_undone(days: int, late: bool) -> None:
    Shop().publish("item-cosine", weights={"a": {"b": 1.0}})
    move_cursor("orders", NOW + days * DAY, tenant="")
    assert bool(texts(found(now=NOW + days * DAY), Level.WARNING)) is late


def test_a_shop_is_looked_over_by_tenant() -> None:
    Shop(tenant="north").publish("item-cosine", weights={"a": {"b": 1.0}})
    assert look_over("") == Overview(items=False, events=False)
    north = look_over("north")
    assert (north.items, north.live) == (True, ("item-cosine",))
