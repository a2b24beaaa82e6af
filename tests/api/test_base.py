"""What all endpoints have in common, and that the host's DRF settings and ours do not meet."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.test import Client, override_settings
from rest_framework import exceptions

from personalization.api.json_body import accepts_json
from personalization.api.problems import problem_response

ROOT = "/personalization/v1/"
HOSTILE = {
    "DEFAULT_RENDERER_CLASSES": ["no.such.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["no.such.Parser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["no.such.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["no.such.Permission"],
    "DEFAULT_THROTTLE_CLASSES": ["no.such.Throttle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "no.such.Negotiation",
    "DEFAULT_VERSIONING_CLASS": "no.such.Versioning",
    "EXCEPTION_HANDLER": "no.such.handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": "format",
    "NON_FIELD_ERRORS_KEY": "everything",
}


@pytest.mark.parametrize("path", ["", "nothing/", "items/", "slots/", "items/mug/", "%ff/"])
def test_an_unknown_address_is_a_problem(client: Client, path: str) -> None:
    response = client.get(ROOT + path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Not found.",
        "errors": [],
    }


def test_an_address_without_its_slash_is_redirected(client: Client, db: None) -> None:
    assert client.get(f"{ROOT}schema").headers["Location"] == f"{ROOT}schema/"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "text/*", "image/png, text/html;q=0.9"])
def test_only_json_is_written(client: Client, accept: str) -> None:
    response = client.get(f"{ROOT}ratings/mug/", headers={"Accept": accept})
    assert response.status_code in {403, 406}
    response = client.get(f"{ROOT}schema/", headers={"Accept": accept})
    assert response.status_code == 406
    assert response.json()["title"] == "Not Acceptable"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "text/html, application/JSON;q=0.5", "application/*"]
)
def test_json_is_accepted(accept: str) -> None:
    assert accepts_json(accept)


@pytest.mark.django_db
def test_the_hosts_defaults_do_not_reach_us(client: Client) -> None:
    with override_settings(REST_FRAMEWORK=HOSTILE):
        assert client.get(f"{ROOT}schema/?format=xml").status_code == 200
        refused = client.post(f"{ROOT}ratings/", {}, content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")


class Throttled(exceptions.Throttled):
    """What a throttle of a host's subclass would raise."""


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (Http404(), 404, {}),
        (PermissionDenied(), 403, {}),
        (SuspiciousOperation("secret"), 400, {}),
        (RequestDataTooBig("secret"), 413, {}),
        (OperationalError("secret"), 503, {"Retry-After": "1"}),
        (InterfaceError("secret"), 503, {"Retry-After": "1"}),
        (Throttled(wait=7), 429, {"Retry-After": "7"}),
        (exceptions.ValidationError({"a": {"b": ["no"]}}), 400, {}),
    ],
)
def test_errors_of_django_and_drf_become_problems(
    error: Exception, status: int, headers: dict[str, str]
) -> None:
    response: Any = problem_response(error, {})
    assert response.status_code == response.data["status"] == status
    assert "secret" not in str(response.data)
    assert {name: response.headers[name] for name in headers} == headers


def test_a_challenge_is_passed_on() -> None:
    error = exceptions.NotAuthenticated()
    error.auth_header = "Basic"  # type: ignore[attr-defined]  # as DRF's own views do
    response: Any = problem_response(error, {})
    assert response.headers["WWW-Authenticate"] == "Basic"


def test_nested_fields_are_named_by_their_path() -> None:
    response: Any = problem_response(exceptions.ValidationError({"a": {"b": ["no"]}}), {})
    assert response.data["errors"] == [{"field": "a.b", "message": "no", "code": "invalid"}]
