from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from personalization.models import Cursor
from personalization.store.cursors import find_cursor, keep_turn, move_cursor, take_turn

pytestmark = pytest.mark.django_db


def test_a_cursor_moves_forward_only():
    assert find_cursor("orders", tenant="") is None
    assert move_cursor("orders", 5, tenant="")
    assert not move_cursor("orders", 5, tenant="")
    assert not move_cursor("orders", 3, tenant="")
    assert move_cursor("orders", 8, tenant="")
    assert find_cursor("orders", tenant="") == 8


def test_cursors_of_tenants_and_names_do_not_meet():
    move_cursor("orders", 5, tenant="")
    assert find_cursor("orders", tenant="t") is None
    assert find_cursor("others", tenant="") is None


def test_a_turn_is_one_readers_until_it_ends():
    assert take_turn("orders", tenant="", now=0, until=60)
    assert not take_turn("orders", tenant="", now=59, until=119)
    assert take_turn("orders", tenant="t", now=59, until=119)
    assert keep_turn("orders", tenant="", held=60, until=90)
    assert not take_turn("orders", tenant="", now=89, until=149)
    assert take_turn("orders", tenant="", now=90, until=150)


def test_who_came_too_late_does_not_have_it_any_more():
    take_turn("orders", tenant="", now=0, until=60)
    take_turn("orders", tenant="", now=61, until=121)
    assert not keep_turn("orders", tenant="", held=60, until=130)
    assert keep_turn("orders", tenant="", held=121, until=61)
    assert take_turn("orders", tenant="", now=61, until=121)


def test_a_turn_is_not_the_position():
    move_cursor("orders", 5, tenant="")
    take_turn("orders", tenant="", now=10, until=60)
    assert find_cursor("orders", tenant="") == 5


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.usefixtures("threads_db")
def test_of_many_at_once_one_gets_the_turn(there):
    if there:
        take_turn("orders", tenant="", now=0, until=1)

    def take(number):
        try:
            return take_turn("orders", tenant="", now=2, until=60 + number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    assert Cursor.objects.count() == 1
