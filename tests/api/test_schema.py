"""The OpenAPI description is valid, whole, and says where we live."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema

from personalization.urls import urlpatterns

URL = "/personalization/v1/schema/"


def test_the_description_is_valid_and_names_every_endpoint(client: Client) -> None:
    response = client.get(URL)
    schema = response.json()
    validate_schema(schema)
    assert schema["servers"] == [{"url": "/personalization"}]
    described = {path.replace("{", "<").replace("}", ">") for path in schema["paths"]}
    ours = {
        str(p.pattern).replace("<str:", "<").replace("<path:", "<")
        for p in urlpatterns
        if p.name not in {None, "schema", "privacy", "likes"}  # those are pages for people
    }
    assert described == {f"/{path}" for path in ours}


def test_every_operation_describes_its_problems(client: Client) -> None:
    for path in client.get(URL).json()["paths"].values():
        for operation in path.values():
            assert operation["operationId"]
            assert operation["description"]
            refused = [
                answer["content"] for status, answer in operation["responses"].items() if status >= "400"
            ]
            assert refused
            assert all(content.keys() == {"application/problem+json"} for content in refused)


@pytest.mark.skipif(not apps.is_installed("drf_spectacular"), reason="this host describes no API of its own")
def test_the_hosts_own_description_takes_ours_in_without_a_warning() -> None:
    out, err = StringIO(), StringIO()
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out, stderr=err
    )
    assert "/personalization/v1/ratings/" in json.loads(out.getvalue())["paths"]
    assert err.getvalue() == ""
