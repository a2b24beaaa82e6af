import threading

import pytest
from django.db import connection, connections

from personalization.engine.types import Identity, IdentityKind
from personalization.models import Identity as IdentityRow
from personalization.models import Visitor
from personalization.store import visitors
from personalization.store.visitors import ensure_visitors, find_visitor, identity_digest

pytestmark = pytest.mark.django_db

USER, EMAIL = IdentityKind.USER, IdentityKind.EMAIL


def ensure(kind, *keys, tenant=""):
    return ensure_visitors(kind, keys, tenant=tenant, now=1)


def test_a_new_key_gets_a_visitor_and_keeps_it():
    first = ensure(USER, "1", "2")
    assert len(set(first.values())) == 2
    assert ensure(USER, "2", "1", "3").items() >= first.items()
    assert Visitor.objects.count() == 3


def test_keys_are_told_apart_byte_by_byte():
    assert len(set(ensure(USER, "A", "a", "a ", "á", "001", "1").values())) == 6


def test_kinds_and_tenants_are_different_people():
    ids = {ensure(USER, "1")["1"], ensure(IdentityKind.VISITOR, "1")["1"], ensure(USER, "1", tenant="t")["1"]}
    assert len(ids) == 3


def test_find_says_none_until_somebody_is_known():
    assert find_visitor(Identity(USER, "1"), tenant="") is None
    assert ensure(USER, "1")["1"] == find_visitor(Identity(USER, "1"), tenant="")
    assert find_visitor(Identity(USER, "1"), tenant="t") is None


def test_an_address_is_one_person_however_it_is_typed_and_its_text_is_not_kept():
    ids = ensure(EMAIL, "Ann@Example.com", " ann@example.com ")
    assert len(ids) == 2
    assert len(set(ids.values())) == 1
    assert IdentityRow.objects.get().key == ""


def test_the_hash_of_an_address_depends_on_the_secret(settings):
    before = identity_digest(Identity(EMAIL, "ann@example.com"))
    settings.SECRET_KEY = "another"
    assert identity_digest(Identity(EMAIL, "ann@example.com")) != before
    assert len(before) == 16


def test_an_address_is_found_after_the_secret_was_rotated(settings):
    visitor = ensure(EMAIL, "ann@example.com")["ann@example.com"]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert find_visitor(Identity(EMAIL, "ann@example.com"), tenant="") == visitor
    assert ensure(EMAIL, "ann@example.com") == {"ann@example.com": visitor}


def test_nobody_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ensure(USER) == {}


def test_whoever_comes_second_takes_the_first_ones_visitor_and_leaves_none_behind(monkeypatch):
    first = ensure(USER, "1")
    monkeypatch.setattr(visitors, "_find", lambda *args: {})  # as if the first one had not been there yet
    assert ensure(USER, "1", "2")["1"] == first["1"]
    assert Visitor.objects.count() == 2


def test_visitors_can_be_made_one_by_one(monkeypatch):
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    assert len(set(ensure(USER, "1", "2").values())) == 2


def test_ten_threads_agree_on_who_is_who(threads_db):
    answers = []

    def work():
        try:
            answers.append(ensure(USER, *map(str, range(20))))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 10
    assert all(answer == answers[0] for answer in answers)
    assert IdentityRow.objects.values("visitor").distinct().count() == Visitor.objects.count() == 20
