"""Everybody's own data over HTTP: choose, take along, be forgotten; and never anybody else's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.core.signing import Signer
from django.test import AsyncClient, Client, override_settings

from personalization.adapters import get_adapter
from personalization.conf import settings
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Event, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.standing import Choice, standing_of
from tests.people import make_person
from tests.privacy.people import busy, joined, known

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

BASE = "/personalization/v1/privacy/"
PAGE = "/personalization/privacy/"
SERVER = {"SERVER_KEYS": ("a-long-server-key-0123456789abcdef",)}
BEARER = {"Authorization": "Bearer a-long-server-key-0123456789abcdef"}


def with_cookie(client: Client, key: str) -> Client:
    client.cookies[settings.cookie["NAME"]] = Signer(salt="personalization.visitor").sign(key)
    return client


def post(client: Client, path: str = "", body: Any = None, **options: Any) -> Any:
    return client.post(BASE + path, json.dumps(body), content_type="application/json", **options)


def exported(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return json.loads(b"".join(response.streaming_content))  # type: ignore[no-any-return]


def key_of(user: AbstractBaseUser) -> str:
    return get_adapter().user_key(user)


def standing(kind: IdentityKind, key: str) -> int:
    return standing_of(Identity(kind, key), tenant="").choice


@pytest.fixture
def ann(db: None) -> AbstractBaseUser:
    return make_person("ann")


@pytest.fixture
def bob(db: None) -> AbstractBaseUser:
    return make_person("bob")


@pytest.fixture
def signed_in(ann: AbstractBaseUser) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def histories(ann: AbstractBaseUser, bob: AbstractBaseUser) -> dict[str, int]:
    """Ann with a phone, Bob, and a desk of nobody."""
    rows = {"ann": known(IdentityKind.USER, key_of(ann)), "bob": known(IdentityKind.USER, key_of(bob))}
    rows["phone"] = joined(known(IdentityKind.VISITOR, "phone"), rows["ann"])
    rows["desk"] = known(IdentityKind.VISITOR, "desk")
    for name, visitor in rows.items():
        busy(visitor, f"mark-{name}")
    return rows


# Choosing.


@pytest.mark.parametrize(
    ("required", "cookie", "headers", "state"),
    [
        (False, None, {}, (False, True, False, False)),
        (True, None, {}, (False, False, True, False)),
        (True, "1", {}, (True, True, True, False)),
        (False, "0", {}, (True, False, False, False)),
        (False, "1", {"Sec-GPC": "1"}, (True, False, False, True)),
        (False, None, {"DNT": "1"}, (False, False, False, True)),
    ],
)
def test_the_state_is_told(
    db: None, required: bool, cookie: str | None, headers: dict[str, str], state: tuple[bool, ...]
) -> None:
    client = Client()
    if cookie:
        client.cookies[settings.cookie["CONSENT_NAME"]] = cookie
    with override_settings(PERSONALIZATION={**settings.configured(), "CONSENT_REQUIRED": required}):
        response = client.get(BASE, headers=headers)
    assert tuple(response.json().values()) == state
    assert list(response.json()) == ["asked", "agreed", "required", "signals"]
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies
    assert not Visitor.objects.exists()


@pytest.mark.parametrize("agreed", [True, False])
def test_a_browser_alone_keeps_its_choice_in_its_cookie(db: None, agreed: bool) -> None:
    client = Client()
    response = post(client, body={"agreed": agreed})
    assert (response.status_code, response.json()["agreed"], response.json()["asked"]) == (200, agreed, True)
    assert client.cookies[settings.cookie["CONSENT_NAME"]].value == ("1" if agreed else "0")
    assert not Visitor.objects.exists()


def test_refusing_takes_the_key_away_and_holds_for_its_row(db: None) -> None:
    visitor = known(IdentityKind.VISITOR, "desk")
    client = with_cookie(Client(), "desk")
    post(client, body={"agreed": False})
    assert client.cookies[settings.cookie["NAME"]].value == ""
    row = Visitor.objects.get(pk=visitor)
    assert (row.choice, row.epoch) == (Choice.REFUSED, 1)


@pytest.mark.usefixtures("goods")
def test_a_person_refuses_for_every_browser(signed_in: Client, ann: AbstractBaseUser) -> None:
    post(signed_in, body={"agreed": False})
    assert standing(IdentityKind.USER, key_of(ann)) == Choice.REFUSED
    other = Client()
    other.force_login(ann)
    assert other.get(BASE).json() == {"asked": True, "agreed": False, "required": False, "signals": False}
    post(other, body={"agreed": True})
    assert standing(IdentityKind.USER, key_of(ann)) == Choice.AGREED
    assert other.get(BASE).json()["agreed"] is True


def test_the_browser_of_another_person_is_not_touched(
    signed_in: Client, histories: dict[str, int], bob: AbstractBaseUser
) -> None:
    joined(histories["desk"], histories["bob"])
    post(with_cookie(signed_in, "desk"), body={"agreed": False})
    assert standing(IdentityKind.USER, key_of(bob)) == Choice.NONE
    signed_out = with_cookie(Client(), "phone")
    post(signed_out, body={"agreed": False})  # Ann's phone in somebody's hand
    assert signed_out.cookies[settings.cookie["CONSENT_NAME"]].value == "0"
    post(with_cookie(Client(), "phone"), body={"agreed": True})
    assert Visitor.objects.get(pk=histories["ann"]).choice == Choice.REFUSED


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "agreed", "required"),
        ({"agreed": 1}, "agreed", "not_boolean"),
        ({"agreed": "true"}, "agreed", "not_boolean"),
        ({"agreed": None}, "agreed", "not_boolean"),
        ({"agreed": True, "user": "7"}, "user", "unknown"),
        ([True], "body", "not_object"),
    ],
)
def test_a_choice_is_true_or_false(db: None, body: Any, field: str, code: str) -> None:
    response = post(Client(), body=body)
    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(field, code)]
    assert not response.cookies


# Writes come from the shop's own pages.


@pytest.mark.parametrize(("path", "body"), [("", {"agreed": False}), ("erase/", {"confirmed": True})])
def test_a_strangers_page_changes_nothing(
    ann: AbstractBaseUser, histories: dict[str, int], path: str, body: Any
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    assert post(client, path, body).status_code == 403
    anonymous = with_cookie(Client(), "desk")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert post(anonymous, path, body, headers=headers).status_code == 403
    assert Event.objects.count() == 12
    assert not Visitor.objects.exclude(choice=Choice.NONE).exists()


def test_the_pages_forms_need_the_token(ann: AbstractBaseUser, histories: dict[str, int]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    for act in ("refuse", "erase"):
        assert client.post(PAGE, {"act": act, "confirmed": "yes"}).status_code == 403
    assert Event.objects.count() == 12


# Taking it along.


def test_an_export_is_ones_own(signed_in: Client, histories: dict[str, int], ann: AbstractBaseUser) -> None:
    response = signed_in.get(f"{BASE}export/")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert response["Cache-Control"] == "private, no-store"
    held = exported(response)
    assert {row["visitor"] for row in held["events"]} == {histories["ann"], histories["phone"]}
    text = json.dumps(held)
    assert "mark-bob" not in text
    assert "mark-desk" not in text


def test_a_browser_exports_its_own_until_it_belongs_to_somebody(histories: dict[str, int]) -> None:
    held = exported(with_cookie(Client(), "desk").get(f"{BASE}export/"))
    assert {row["visitor"] for row in held["events"]} == {histories["desk"]}
    assert with_cookie(Client(), "phone").get(f"{BASE}export/").status_code == 403


def test_nobody_gets_nothing(histories: dict[str, int]) -> None:
    forged = Client()
    forged.cookies[settings.cookie["NAME"]] = "desk:forged"
    for client in (Client(), forged):
        assert client.get(f"{BASE}export/").status_code == 403
        assert post(client, "erase/", {"confirmed": True}).status_code == 403
    assert Event.objects.count() == 12


@pytest.mark.parametrize("name", ["user", "user_id", "id", "visitor", "email", "tenant"])
def test_no_parameter_names_another_person(
    signed_in: Client, histories: dict[str, int], bob: AbstractBaseUser, name: str
) -> None:
    held = exported(signed_in.get(f"{BASE}export/", {name: key_of(bob)}))
    assert "mark-bob" not in json.dumps(held)
    assert post(signed_in, "erase/", {"confirmed": True, name: key_of(bob)}).status_code == 400
    headers = {"Personalization-User": key_of(bob)}  # without a server key they say nothing
    assert "mark-bob" not in json.dumps(exported(signed_in.get(f"{BASE}export/", headers=headers)))
    assert Event.objects.filter(visitor=histories["bob"]).count() == 3


def test_who_refused_still_gets_an_export(signed_in: Client, histories: dict[str, int]) -> None:
    post(signed_in, body={"agreed": False})
    assert len(exported(signed_in.get(f"{BASE}export/", headers={"Sec-GPC": "1"}))["events"]) == 6


def test_an_event_loop_exports_too(histories: dict[str, int]) -> None:
    async def read() -> bytes:
        client: Any = with_cookie(AsyncClient(), "desk")  # type: ignore[arg-type]
        response = await client.get(f"{BASE}export/")
        return b"".join([piece async for piece in response.streaming_content])

    assert len(json.loads(async_to_sync(read)())["events"]) == 3


# Being forgotten.


def test_erasing_takes_ones_own_and_nobody_elses(
    signed_in: Client, histories: dict[str, int], ann: AbstractBaseUser
) -> None:
    client = with_cookie(signed_in, "phone")
    response = post(client, "erase/", {"confirmed": True})
    assert response.json() == {
        "people": 1,
        "removed": {
            "events": 6,
            "answers": 2,
            "ratings": 2,
            "view_history": 2,
            "campaign_views": 2,
            "prepared_lists": 2,
            "identities": 2,
            "visitors": 2,
        },
        "refusal_kept": False,
    }
    assert client.cookies[settings.cookie["NAME"]].value == ""
    assert set(Visitor.objects.values_list("pk", flat=True)) == {histories["bob"], histories["desk"]}
    assert post(client, "erase/", {"confirmed": True}).json()["people"] == 0
    assert ann.__class__.objects.filter(pk=ann.pk).exists()  # the account is the shop's


def test_the_history_of_a_shared_browser_stays(signed_in: Client, histories: dict[str, int]) -> None:
    """Ann erases herself on Bob's desk, and on one of nobody."""
    for owner in ("bob", None):
        if owner:
            joined(histories["desk"], histories[owner])
        client = with_cookie(signed_in, "desk")
        post(client, "erase/", {"confirmed": True})
        assert client.cookies[settings.cookie["NAME"]].value
        assert Event.objects.filter(visitor=histories["desk"]).count() == 3


def test_a_browser_erases_its_own(histories: dict[str, int]) -> None:
    client = with_cookie(Client(), "desk")
    assert post(client, "erase/", {"confirmed": True}).json()["people"] == 1
    assert client.cookies[settings.cookie["NAME"]].value == ""
    assert post(with_cookie(Client(), "phone"), "erase/", {"confirmed": True}).status_code == 403
    assert (
        post(with_cookie(Client(), "desk"), "erase/", {"confirmed": True}).status_code == 403
    )  # it is closed
    assert Visitor.objects.count() == 3


def test_erasing_wants_a_confirmation(signed_in: Client, histories: dict[str, int]) -> None:
    for body in ({}, {"confirmed": False}, {"confirmed": "yes"}):
        response = post(signed_in, "erase/", body)
        assert [error["field"] for error in response.json()["errors"]] == ["confirmed"]
    assert Event.objects.count() == 12


def test_the_shops_server_acts_for_its_customer(histories: dict[str, int], bob: AbstractBaseUser) -> None:
    server = Client(headers={**BEARER, "Personalization-User": key_of(bob), "Personalization-Consent": "0"})
    with override_settings(PERSONALIZATION={**settings.configured(), **SERVER}):
        response = post(server, body={"agreed": False})
        assert response.json()["agreed"] is False
        assert not response.cookies
        assert len(exported(server.get(f"{BASE}export/"))["events"]) == 3
        assert post(server, "erase/", {"confirmed": True}).json()["refusal_kept"] is True
    assert not Event.objects.filter(visitor=histories["bob"]).exists()
    assert IdentityRow.objects.get(visitor=histories["bob"]).key == ""


def test_writes_and_exports_are_counted(signed_in: Client) -> None:
    changed = {**settings.configured(), "THROTTLES": {"privacy": "2/min"}}
    with override_settings(PERSONALIZATION=changed):
        codes = [post(signed_in, body={"agreed": True}).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        assert signed_in.get(f"{BASE}export/").status_code == 429
        page = signed_in.post(PAGE, {"act": "agree"})
        assert (page.status_code, int(page["Retry-After"]) > 0) == (429, True)
        assert signed_in.get(BASE).status_code == 200


# The page.


def page(client: Client, **options: Any) -> str:
    response = client.get(PAGE, **options)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    whole: str = response.content.decode()
    assert "<h1>Your data and personalization</h1>" in whole
    text = whole.split('<div class="personal-privacy">')[1].split("</main>", 1)[
        0
    ]  # around it is the shop's look
    assert "<script" not in text
    assert "style=" not in text
    return text


@pytest.mark.usefixtures("goods")
def test_the_page_says_what_is_known(signed_in: Client, histories: dict[str, int]) -> None:
    text = page(signed_in)
    assert "<dd>6</dd>" in text
    assert "Of your account" in text
    assert "Switch personalization off" in text
    assert "mark-" not in text


def test_the_page_tells_a_stranger_nothing(histories: dict[str, int]) -> None:
    assert "Nothing." in page(Client())
    assert "Sign in to see" in page(with_cookie(Client(), "phone"))
    assert "Of this browser" in page(with_cookie(Client(), "desk"))


def test_the_page_switches(signed_in: Client, ann: AbstractBaseUser) -> None:
    response = signed_in.post(PAGE, {"act": "refuse"}, follow=True)
    assert response.redirect_chain == [(f"{PAGE}?done=refused", 302)]
    assert "Personalization is off" in response.content.decode()
    assert "Switch personalization on" in response.content.decode()
    assert standing(IdentityKind.USER, key_of(ann)) == Choice.REFUSED
    assert "Personalization is on" in signed_in.post(PAGE, {"act": "agree"}, follow=True).content.decode()


def test_the_page_erases_when_the_box_is_ticked(signed_in: Client, histories: dict[str, int]) -> None:
    assert "not ticked" in signed_in.post(PAGE, {"act": "erase"}, follow=True).content.decode()
    assert Event.objects.count() == 12
    text = signed_in.post(PAGE, {"act": "erase", "confirmed": "yes"}, follow=True).content.decode()
    assert "is gone" in text
    assert "Nothing." in text
    assert Event.objects.count() == 6
    assert Client().post(PAGE, {"act": "erase", "confirmed": "yes"}).status_code == 302  # nobody, nothing


def test_the_page_respects_the_browsers_signal(signed_in: Client) -> None:
    text = page(signed_in, headers={"Sec-GPC": "1"})
    assert "Global Privacy Control" in text
    assert "Switch personalization on" not in text


@pytest.mark.parametrize("body", [{}, {"act": "<script>"}, {"act": "delete"}])
def test_other_acts_are_none(signed_in: Client, body: dict[str, str]) -> None:
    response = signed_in.post(PAGE, body)
    assert response.status_code == 400
    assert b"<script>" not in response.content


def test_a_done_that_is_none_is_not_shown(signed_in: Client) -> None:
    assert "&lt;b&gt;" not in page(signed_in, data={"done": "<b>"})
