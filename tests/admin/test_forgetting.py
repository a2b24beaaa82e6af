"""Staff hand a person's data over, or erase it; what somebody chose is theirs alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry

from personalization.admin.forgetting import _SHOWN
from personalization.engine.types import IdentityKind
from personalization.models import Erasure, Event, Visitor
from personalization.models import Identity as IdentityRow
from personalization.store import personal_rows
from tests.privacy.people import busy, hits, joined, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

URL = "/admin/personalization/visitor/"
ALL = [f"view_{model}" for model in _SHOWN]


@pytest.fixture
def ann(db: None) -> int:
    """Ann's phone; she stands behind it."""
    person = known(IdentityKind.USER, "sentinel-ann")
    phone = joined(known(IdentityKind.VISITOR, "sentinel-phone"), person)
    for visitor in (person, phone):
        busy(visitor, "sentinel")
    busy(known(IdentityKind.USER, "bob"), "bobs")
    return phone


def page(client: Client, path: str) -> str:
    response = client.get(f"{URL}{path}")
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def test_a_visitors_page_shows_choice_person_and_rows(chief: Client, ann: int) -> None:
    person = Visitor.objects.get(pk=ann).person_id
    Visitor.objects.filter(pk=person).update(choice=Visitor.Choice.REFUSED, chosen_at=1)
    text = page(chief, f"{ann}/change/")
    assert "refused" in text
    assert f'<a href="{URL}{person}/change/">#{person}</a> user:sentinel-ann' in text
    for model, column in personal_rows.OUTLIVING.values():
        link = f"/admin/personalization/{model._meta.model_name}/?{column}__exact={ann}"
        assert f'<a href="{link}">' in text
        assert chief.get(link).status_code == 200
    for model in filter(site.is_registered, personal_rows.OF_VISITORS.values()):
        link = f"/admin/personalization/{model._meta.model_name}/?visitor__exact={ann}"
        assert f'<a href="{link}">' in text
        assert chief.get(link).context["cl"].result_count >= 1


def test_who_may_see_every_row_may_export(staff: Callable[..., Client], ann: int) -> None:
    clerk = staff(*ALL)
    assert "Export" in page(clerk, f"{ann}/change/")
    response: Any = clerk.get(f"{URL}{ann}/export/")
    assert response["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert "no-store" in response["Cache-Control"]
    held = json.loads(b"".join(response.streaming_content))
    assert len(held["events"]) == 6
    assert "bobs" not in json.dumps(held)
    assert "Exported" in LogEntry.objects.get().get_change_message()


@pytest.mark.parametrize("missing", ALL)
def test_who_may_not_see_all_may_not_export(staff: Callable[..., Client], ann: int, missing: str) -> None:
    clerk = staff(*(name for name in ALL if name != missing), "delete_visitor", "change_visitor")
    assert clerk.get(f"{URL}{ann}/export/").status_code == 403


def test_erasing_asks_first(staff: Callable[..., Client], ann: int) -> None:
    clerk = staff("view_visitor", "delete_visitor")
    assert "Erase this person" in page(clerk, f"{ann}/change/")
    text = page(clerk, f"{ann}/erase/")
    assert "2 visitors, 6 events, 2 ratings, 2 products" in text
    assert Event.objects.count() == 9
    response = clerk.post(f"{URL}{ann}/erase/", follow=True)
    assert "20 rows are erased" in response.content.decode()
    assert Event.objects.count() == 3
    assert hits("sentinel") == []
    assert Erasure.objects.count() == 2
    entry = LogEntry.objects.get()
    assert "Erased" in entry.get_change_message()
    assert "sentinel" not in f"{entry.object_repr}{entry.change_message}"


@pytest.mark.parametrize("permissions", [(), ("view_visitor",), ("view_visitor", "change_visitor"), ALL])
def test_others_may_not_erase(staff: Callable[..., Client], ann: int, permissions: tuple[str, ...]) -> None:
    clerk = staff(*permissions)
    for ask in (clerk.get, clerk.post):
        assert ask(f"{URL}{ann}/erase/").status_code == 403
    assert Event.objects.count() == 9


def test_a_strangers_form_erases_nothing(staff: Callable[..., Client], ann: int) -> None:
    clerk = staff("view_visitor", "delete_visitor", enforce_csrf_checks=True)
    assert clerk.post(f"{URL}{ann}/erase/").status_code == 403
    assert Event.objects.count() == 9


@pytest.mark.parametrize("act", ["erase", "export"])
@pytest.mark.parametrize("who", ["0", "x", "9" * 30])
def test_a_visitor_that_is_none_is_not_found(chief: Client, ann: int, act: str, who: str) -> None:
    assert chief.get(f"{URL}{who}/{act}/").status_code == 404


def test_nobody_can_choose_for_somebody(chief: Client, ann: int) -> None:
    fields = {"choice": Visitor.Choice.AGREED, "chosen_at": 1, "person": "", "epoch": 9}
    assert chief.post(f"{URL}{ann}/change/", fields).status_code == 403
    assert chief.post(f"{URL}add/", fields).status_code == 403
    assert chief.post(URL, {**fields, "_save": "1", "form-0-choice": "1"}).status_code in {200, 302, 403}
    assert not Visitor.objects.exclude(choice=Visitor.Choice.NONE).exists()
    assert "<select" not in page(chief, f"{ann}/change/").split('id="content-main"')[1]


def test_a_refusal_that_is_kept_has_no_name(chief: Client, ann: int) -> None:
    person = Visitor.objects.get(pk=ann).person_id
    Visitor.objects.filter(pk=person).update(choice=Visitor.Choice.REFUSED, chosen_at=1)
    chief.post(f"{URL}{ann}/erase/")
    assert IdentityRow.objects.get(visitor=person).key == ""
    assert "sentinel" not in page(chief, f"{person}/change/")
