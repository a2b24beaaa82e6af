"""Taking a browser out of the person that it was joined to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry

from personalization.engine.types import IdentityKind
from personalization.identity.merge import merge_login
from personalization.models import Visitor
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

URL = "/admin/personalization/visitor/"


@pytest.fixture
def browser(db: None) -> int:
    visitor = ensure_visitors(IdentityKind.VISITOR, ["b"], tenant="", now=1)["b"]
    merge_login("b", "anna", tenant="", now=2)
    return visitor


def ask(client: Client, *visitors: int) -> Any:
    return client.post(URL, {"action": "separate", "_selected_action": visitors}, follow=True)


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_who_may_change_visitors_separates_them_and_it_is_noted(
    staff: Callable[..., Client], browser: int
) -> None:
    client = staff("view_visitor", "change_visitor")
    person = Visitor.objects.get(pk=browser).person_id
    assert "Separate from the person" in client.get(URL).content.decode()
    assert "1 visitor was separated" in told(ask(client, browser, person))
    assert Visitor.objects.get(pk=browser).person_id == browser
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(browser), "Separated from the person.")


def test_nothing_to_separate_is_said(chief: Client, browser: int) -> None:
    ask(chief, browser)
    assert "0 visitors were separated" in told(ask(chief, browser))
    assert LogEntry.objects.count() == 1


def test_who_may_only_look_cannot(staff: Callable[..., Client], browser: int) -> None:
    client = staff("view_visitor")
    assert "Separate from the person" not in client.get(URL).content.decode()
    ask(client, browser)
    assert Visitor.objects.get(pk=browser).person_id not in {None, browser}
