"""One browser, several people: the table of docs/explanation/people.md, through the public doors."""

from __future__ import annotations

import json
import time
from collections import Counter
from importlib import import_module
from itertools import count
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from personalization.checks.traffic import BROWSERS
from personalization.engine.types import Identity, IdentityKind
from personalization.identity.resolve import find_identity
from personalization.models import Event, Visitor
from personalization.store.page import read_page
from tests.goods import put
from tests.people import make_person

SessionStore = import_module(django_settings.SESSION_ENGINE).SessionStore
_events = count()


class Computer:
    """A browser that everybody in the house uses."""

    def __init__(self, capture: Any) -> None:
        self.client = Client(headers={"user-agent": BROWSERS[0]})
        self.capture = capture
        self.user: Any = AnonymousUser()

    def request(self) -> HttpRequest:
        request = RequestFactory().get("/")
        request.COOKIES.update({name: morsel.value for name, morsel in self.client.cookies.items()})
        request.session = SessionStore()
        request.user = self.user
        return request

    def signs_in(self, user: Any) -> None:
        request = self.request()
        with self.capture(execute=True):
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        request.session.save()
        self.client.cookies[django_settings.SESSION_COOKIE_NAME] = request.session.session_key
        self.user = user

    def signs_out(self) -> None:
        """In the worst way: the session is just gone."""
        del self.client.cookies[django_settings.SESSION_COOKIE_NAME]
        self.user = AnonymousUser()

    def views(self, *keys: str) -> list[dict[str, str]]:
        rows = self.told(*keys)
        assert self.sends(rows) == {"stored": len(keys)}
        return rows

    def told(self, *keys: str) -> list[dict[str, str]]:
        """Events that are not sent yet."""
        return [{"id": f"event-{next(_events):08}", "kind": "view", "item": key} for key in keys]

    def sends(self, rows: list[dict[str, str]]) -> Counter[str]:
        """How many were judged how."""
        response = self.client.post(
            reverse("personalization:events"), json.dumps({"events": rows}), content_type="application/json"
        )
        assert response.status_code == 202
        return Counter(row["verdict"] for row in response.json()["verdicts"])

    @property
    def key(self) -> str:
        return self.client.cookies["personalization"].value

    @property
    def history(self) -> str:
        """What a page would know now."""
        return history(find_identity(self.request()))


def history(identity: Identity | None) -> str:
    page = read_page(tenant="", identity=identity, before=time.time_ns() // 1000 + 1)
    return "".join(sorted({event.key for event in page.events}))


@pytest.fixture
def computer(db: None, goods: None, django_capture_on_commit_callbacks: Any) -> Computer:
    for key in "abcdef":
        put(key)
    return Computer(django_capture_on_commit_callbacks)


def test_a_day_at_the_family_computer(computer: Computer) -> None:
    ann, bob = make_person("ann"), make_person("bob")
    computer.views("a")
    first = computer.key
    assert computer.history == "a"

    computer.signs_in(ann)
    assert computer.history == "a"
    computer.views("b")
    assert (computer.history, computer.key) == ("ab", first)

    computer.signs_out()
    assert computer.history == ""
    computer.views("c")
    assert computer.history == "c"
    assert computer.key != first

    computer.signs_in(bob)
    computer.views("d")
    assert computer.history == "cd"
    computer.signs_out()
    assert computer.history == ""

    computer.signs_in(ann)
    computer.views("e")
    assert computer.history == "abe"
    assert history(Identity(IdentityKind.USER, str(bob.pk))) == "cd"


def test_somebody_else_signs_in_before_anything_else_happens(computer: Computer) -> None:
    """The cookie still is that of Ann's browser."""
    ann, bob = make_person("ann"), make_person("bob")
    computer.views("a")
    computer.signs_in(ann)
    computer.signs_out()
    computer.signs_in(bob)
    computer.views("b")
    assert computer.history == "b"
    assert history(Identity(IdentityKind.USER, str(ann.pk))) == "a"
    assert Visitor.objects.exclude(person=None).count() == 1


def test_signing_in_again_and_again_keeps_one_person(computer: Computer) -> None:
    ann = make_person("ann")
    for key in "abc":
        computer.views(key)
        computer.signs_in(ann)
        assert computer.history == "abc"[: "abc".index(key) + 1]
        computer.signs_out()
    assert Visitor.objects.filter(person=None).count() == 1
    assert Visitor.objects.exclude(person=None).count() == 3


def test_what_is_sent_again_after_signing_in_is_stored_once(computer: Computer) -> None:
    """A page that is left does not see the answer to its last events: the next page sends them again."""
    ann = make_person("ann")
    last = computer.views("a", "b")
    computer.signs_in(ann)
    assert computer.sends(last) == {"duplicate": 2}
    assert computer.sends([*last, *computer.told("c")]) == {"duplicate": 2, "stored": 1}
    assert Event.objects.count() == 3


def test_what_is_sent_again_after_signing_out_is_not_the_next_persons(computer: Computer) -> None:
    ann = make_person("ann")
    computer.views("a")
    computer.signs_in(ann)
    last = computer.views("b")
    computer.signs_out()
    assert computer.sends(last) == {"duplicate": 1}
    assert computer.history == ""
    assert computer.sends([*last, *computer.told("c")]) == {"duplicate": 1, "stored": 1}
    assert computer.history == "c"
    computer.signs_in(make_person("bob"))
    assert computer.history == "c"
    assert Event.objects.count() == 3


def test_what_ann_told_and_bob_sends_again_is_not_bobs(computer: Computer) -> None:
    computer.views("a")
    computer.signs_in(make_person("ann"))
    last = computer.views("b")
    computer.signs_out()
    computer.signs_in(make_person("bob"))
    assert computer.sends(last) == {"duplicate": 1}
    assert computer.history == ""
