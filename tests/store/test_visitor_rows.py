"""What builds worked out for each visitor, in the database."""

import numpy as np
import pytest
from django.db import connection

from personalization.engine.tables import SparseRows, Tables, unpack_row
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Build, BuildRow, Visitor, VisitorRow
from personalization.store import live_tables, visitor_rows
from personalization.store.builds import (
    NewBuild,
    create_build,
    drop_old_builds,
    fail_build,
    publish_build,
    write_tables,
)
from personalization.store.listed import ALL_ITEMS, NEW_ITEMS, ListsAsked
from personalization.store.live_tables import find_tables
from personalization.store.old_rows import remove_empty_visitors
from personalization.store.page import read_page
from personalization.store.visitor_rows import forget_visitor_rows
from tests.served import ANNA, CATALOG, NOW, Shop, sparse

BEN = Identity(IdentityKind.USER, "ben")
BROWSER = Identity(IdentityKind.VISITOR, "anna's")


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    return Shop("abcd")


def lists(identity=ANNA, aliases=("auto",), tables=(NEW_ITEMS, ALL_ITEMS)):
    asked = ListsAsked(aliases, tables)
    page = read_page(tenant="", identity=identity, before=NOW, lists=asked)
    return {where: (unpack_row(one.payload)[0].tolist(), one.as_of) for where, one in page.lists.items()}


def test_they_are_read_with_the_page_in_one_statement(shop, django_assert_num_queries):
    build = shop.publish(
        "auto", keys="abcd", visitors={ANNA: {"b": 0.5, "d": 1.0}}, repeats={ANNA: {"a": 1.0}}, as_of=NOW - 7
    )
    other = shop.publish("popularity", keys="abcd", visitors={ANNA: {"c": 1.0}})
    with django_assert_num_queries(1):
        assert lists() == {(build, NEW_ITEMS): ([3, 1], NOW - 7), (build, ALL_ITEMS): ([0], NOW - 7)}
    assert lists(aliases=("popularity",)) == {(other, NEW_ITEMS): ([2], NOW)}
    assert len(lists(aliases=("auto", "popularity"))) == 3
    assert lists(tables=(ALL_ITEMS,)).keys() == {(build, ALL_ITEMS)}
    assert lists(aliases=()) == lists(BEN) == lists(None) == {}


def test_they_are_found_by_key_among_those_of_everybody(shop):
    if connection.vendor != "sqlite":
        pytest.skip("plans are worded differently elsewhere, and depend on the number of rows")
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    plans = []

    def explained(execute, sql, params, many, context):
        with connection.cursor() as cursor:
            cursor.cursor.execute("EXPLAIN QUERY PLAN " + sql, params)
            plans.extend(str(row[-1]) for row in cursor.cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        lists()
    ours = [plan for plan in plans if "personalization_visitorrow" in plan]
    assert len(ours) == 2
    assert all("(build_id=? AND visitor_id=? AND table=?)" in plan for plan in ours)


def test_pages_are_told_which_builds_have_them(shop):
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    shop.publish("popularity", keys="abcd", ranking="ab")
    for identity in (None, ANNA):
        builds = read_page(tenant="", identity=identity, before=NOW).builds
        assert (builds["auto"].lists, builds["popularity"].lists) == (True, False)


def test_only_live_builds_are_read(shop):
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    live = shop.publish("auto", keys="abcd", visitors={ANNA: {"c": 0.5}})
    assert lists().keys() == {(live, NEW_ITEMS)}


def test_tenants_are_apart(shop):
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    there = Shop("abcd", tenant="there")
    build = there.publish("auto", keys="abcd", visitors={ANNA: {"c": 0.5}})
    page = read_page(tenant="there", identity=ANNA, before=NOW, lists=ListsAsked(("auto",), (NEW_ITEMS,)))
    assert page.lists.keys() == {(build, NEW_ITEMS)}


def test_somebody_who_refused_has_none(shop):
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    Visitor.objects.update(choice=Visitor.Choice.REFUSED)
    assert lists() == {}


def test_of_a_persons_visitors_the_own_list_holds_else_the_newest(shop):
    account, first, second = (
        shop.visitor(one) for one in (ANNA, BROWSER, Identity(IdentityKind.VISITOR, "second"))
    )
    shop.join(first, account)
    shop.join(second, account)
    rows = sparse(4, {0: {0: 1.0}, 1: {1: 1.0}, 2: {2: 1.0}})
    rows = SparseRows(rows.indptr[:4], rows.indices, rows.values)

    def published(*owners):
        build = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
        write_tables(
            build, Tables(visitors=rows), np.arange(4, dtype=np.int32), visitor_ids=np.array(owners, np.int64)
        )
        publish_build(build, now=NOW)
        return build

    build = published(first, second, account)
    assert lists() == {(build, NEW_ITEMS): ([2], NOW)}
    VisitorRow.objects.filter(build=build, visitor=account).delete()
    assert lists() == {(build, NEW_ITEMS): ([1], NOW)}


def test_only_visitors_with_something_have_a_row_and_its_bytes_count(shop):
    build = shop.publish("auto", keys="abcd", ranking="ab", visitors={ANNA: {"b": 0.5}, BEN: {}})
    row = VisitorRow.objects.get()
    assert (row.build_id, row.visitor_id) == (build, shop.visitor())
    stored = Build.objects.get(pk=build)
    assert (stored.visitor_rows, stored.visitor_bytes) == (1, len(row.payload))
    heads = sum(len(one.payload) for one in BuildRow.objects.filter(build=build))
    assert stored.bytes == heads + len(row.payload)


def test_two_lists_of_one_visitor_are_one_visitor(shop):
    build = shop.publish(
        "auto", keys="abcd", visitors={ANNA: {"b": 1.0}}, repeats={ANNA: {"b": 1.0}, BEN: {"a": 1.0}}
    )
    assert VisitorRow.objects.count() == 3
    assert Build.objects.get(pk=build).visitor_rows == 2


def test_whoever_went_or_refused_while_it_was_learned_gets_none(shop):
    people = [shop.visitor(one) for one in (ANNA, BEN, BROWSER)]
    joined = shop.visitor(Identity(IdentityKind.VISITOR, "ben's"))
    shop.join(joined, people[1])
    Visitor.objects.filter(pk=people[1]).update(choice=Visitor.Choice.REFUSED)
    ids = np.array([*people, joined, 10**12], np.int64)
    rows = SparseRows(np.arange(6, dtype=np.int64), np.zeros(5, np.int32), np.ones(5, np.float32))
    build = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
    write_tables(build, Tables(visitors=rows), np.arange(4, dtype=np.int32), visitor_ids=ids)
    assert set(VisitorRow.objects.values_list("visitor_id", flat=True)) == {people[0], people[2]}
    assert Build.objects.get(pk=build).visitor_rows == 2


def test_whoever_refuses_between_our_question_and_our_write_loses_it_again(shop, monkeypatch):
    people = [shop.visitor(one) for one in (ANNA, BEN)]
    insert = visitor_rows.insert_rows

    def refused_meanwhile(*args, **options):
        Visitor.objects.filter(pk=people[0]).update(choice=Visitor.Choice.REFUSED)
        return insert(*args, **options)

    monkeypatch.setattr(visitor_rows, "insert_rows", refused_meanwhile)
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}, BEN: {"c": 0.5}})
    assert VisitorRow.objects.get().visitor_id == people[1]


def test_many_are_written_in_several_transactions(shop, monkeypatch):
    monkeypatch.setattr(visitor_rows, "BATCH", 2)
    people = [Identity(IdentityKind.USER, f"user-{number}") for number in range(5)]
    build = shop.publish("auto", keys="abcd", visitors={who: {"b": 0.5} for who in people})
    assert VisitorRow.objects.filter(build=build).count() == 5
    assert forget_visitor_rows([shop.visitor(who) for who in people[:3]]) == 3
    assert VisitorRow.objects.count() == 2


def test_without_ids_nothing_is_stored_of_visitors(shop):
    build = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
    write_tables(build, Tables(visitors=sparse(4, {0: {1: 1.0}})), np.arange(4, dtype=np.int32))
    assert not VisitorRow.objects.exists()


def test_they_never_come_into_local_files_or_into_memory(shop):
    shop.publish("auto", keys="abcd", ranking="ab", visitors={ANNA: {"b": 0.5}})
    key = read_page(tenant="", identity=None, before=NOW).builds["auto"]
    tables = find_tables("auto", key, tenant="")
    assert not [name for name in live_tables._arrays(tables) if "visitor" in name or "repeat" in name]


def test_a_build_with_many_lists_is_held_in_memory_all_the_same(shop, settings, monkeypatch):
    """Their bytes do not count: they are never loaded."""
    settings.PERSONALIZATION = {**CATALOG, "MAP_BUILDS": False}
    build = shop.publish("auto", keys="abcd", weights={"a": {"b": 1.0}}, visitors={ANNA: {"b": 0.5}})
    stored = Build.objects.get(pk=build)
    monkeypatch.setattr(live_tables, "MEMORY_LIMIT", stored.bytes - stored.visitor_bytes)
    key = read_page(tenant="", identity=None, before=NOW).builds["auto"]
    assert isinstance(find_tables("auto", key, tenant="").weights, SparseRows)


def test_they_go_with_their_build(shop):
    failed = shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    fail_build(failed, error="no")
    assert not VisitorRow.objects.exists()
    assert Build.objects.get(pk=failed).visitor_rows == 0
    for _ in range(4):
        shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    drop_old_builds(tenant="", keep=2)
    assert VisitorRow.objects.count() == 2


def test_they_do_not_keep_a_visitor_of_whom_nothing_else_is_left(shop):
    shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 0.5}})
    assert sum(remove_empty_visitors(NOW + 1)) == 1
    assert not VisitorRow.objects.exists()
