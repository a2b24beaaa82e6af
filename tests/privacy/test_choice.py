"""A choice is the person's: it is written where all their browsers find it, and nobody gets a row for saying no."""

from __future__ import annotations

import pytest
from django.test import RequestFactory, override_settings

from personalization.conf import settings
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Event, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.choice import ChoiceState, choose, state_of
from personalization.privacy.standing import Choice, standing_of
from personalization.store.page import read_page
from personalization.store.people import separate_visitor
from personalization.store.removal import people_version
from tests.privacy.people import NOW, busy, joined, known

ANN = Identity(IdentityKind.USER, "ann")
PHONE = Identity(IdentityKind.VISITOR, "phone")

pytestmark = pytest.mark.django_db


def choice_of(identity: Identity) -> int:
    return standing_of(identity, tenant="").choice


@pytest.mark.parametrize(("agreed", "choice"), [(True, Choice.AGREED), (False, Choice.REFUSED)])
def test_a_choice_is_written_on_the_visitor_that_stands_for_the_person(agreed: bool, choice: Choice) -> None:
    person = known(IdentityKind.USER, "ann")
    phone = joined(known(IdentityKind.VISITOR, "phone"), person)
    choose(ANN, agreed=agreed, now=NOW)
    row = Visitor.objects.get(pk=person)
    assert (row.choice, row.chosen_at.isoformat(), row.epoch) == (choice, "2023-11-14T22:13:20+00:00", 1)
    assert Visitor.objects.get(pk=phone).choice == Choice.NONE
    assert choice_of(PHONE) == choice  # the person's holds for all


def test_a_customer_named_by_a_member_of_the_person_chooses_for_the_person() -> None:
    person = known(IdentityKind.USER, "ann")
    joined(known(IdentityKind.EMAIL, "a@x.io"), person)
    choose(Identity(IdentityKind.EMAIL, "A@x.io"), agreed=False, now=NOW)
    assert choice_of(ANN) == Choice.REFUSED


@pytest.mark.parametrize("agreed", [True, False])
def test_who_is_signed_in_gets_a_row_so_that_the_choice_holds_elsewhere(agreed: bool) -> None:
    choose(ANN, agreed=agreed, now=NOW)
    assert choice_of(ANN) == (Choice.AGREED if agreed else Choice.REFUSED)


@pytest.mark.parametrize("agreed", [True, False])
def test_nobody_gets_no_row(agreed: bool) -> None:
    choose(None, agreed=agreed, now=NOW)
    choose(None, agreed=agreed, browser="phone", now=NOW)
    choose(PHONE, agreed=agreed, now=NOW)
    assert not Visitor.objects.exists()


def test_a_browser_that_is_known_refuses_and_agrees_again() -> None:
    known(IdentityKind.VISITOR, "phone")
    choose(None, agreed=False, browser="phone", now=NOW)
    assert choice_of(PHONE) == Choice.REFUSED
    choose(None, agreed=True, browser="phone", now=NOW)
    assert choice_of(PHONE) == Choice.AGREED


def test_a_browser_of_somebody_who_is_not_signed_in_says_nothing_for_them() -> None:
    joined(known(IdentityKind.VISITOR, "phone"), known(IdentityKind.USER, "bob"))
    choose(None, agreed=False, browser="phone", now=NOW)
    choose(ANN, agreed=False, browser="phone", now=NOW)
    assert choice_of(Identity(IdentityKind.USER, "bob")) == Choice.NONE
    assert choice_of(ANN) == Choice.REFUSED


def test_a_browser_that_was_separated_is_its_own_again() -> None:
    phone = joined(known(IdentityKind.VISITOR, "phone"), known(IdentityKind.USER, "bob"))
    separate_visitor(phone)
    choose(None, agreed=False, browser="phone", now=NOW)
    assert (choice_of(PHONE), choice_of(Identity(IdentityKind.USER, "bob"))) == (Choice.REFUSED, Choice.NONE)


def test_tenants_choose_apart() -> None:
    choose(ANN, agreed=False, tenant="b", now=NOW)
    assert choice_of(ANN) == Choice.NONE
    assert IdentityRow.objects.get().tenant == "b"


def test_the_next_page_has_no_history_and_running_imports_ask_again() -> None:
    busy(known(IdentityKind.USER, "ann"), "anns")
    Event.objects.update(flags=0)
    assert read_page(tenant="", identity=ANN, before=NOW).events
    version = people_version()
    choose(ANN, agreed=False, now=NOW)
    assert not read_page(tenant="", identity=ANN, before=NOW).events
    assert people_version() > version


@pytest.mark.parametrize("just_chosen", [True, False, None])
def test_the_answer_to_a_choice_tells_what_will_hold(just_chosen: bool | None) -> None:
    request = RequestFactory().get("/")
    request.COOKIES[settings.cookie["CONSENT_NAME"]] = "1"
    state = state_of(request, None, tenant="", just_chosen=just_chosen)
    assert state == ChoiceState(
        asked=True, agreed=just_chosen is not False, required=settings.CONSENT_REQUIRED, signals=False
    )


def test_a_person_who_refused_is_not_asked_again_elsewhere() -> None:
    choose(ANN, agreed=False, now=NOW)
    with override_settings(PERSONALIZATION={**settings.configured(), "CONSENT_REQUIRED": True}):
        state = state_of(RequestFactory().get("/"), ANN, tenant="")
    assert (state.asked, state.agreed, state.required) == (True, False, True)
