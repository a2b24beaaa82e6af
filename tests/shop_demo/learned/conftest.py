"""One small shop with a past, learned once for all tests of this folder."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

TODAY = "2026-03-01T12:00"
CUSTOMERS = 300


@pytest.fixture(scope="package")
def learned_shop(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """The shop's tables filled and its past learned; what the rebuild answered."""
    with django_db_blocker.unblock(), transaction.atomic():
        learned = StringIO()
        with override_settings(DEBUG=True, VAR_DIR=tmp_path_factory.mktemp("var")):
            call_command("seed_shop", customers=CUSTOMERS, today=TODAY, stdout=StringIO())
        call_command("rebuild_recommendations", json=True, stdout=learned)
        yield json.loads(learned.getvalue())
        transaction.set_rollback(True)


@pytest.fixture(params=["anonymous", "maya"])
def visitor(request: pytest.FixtureRequest, client: Client, learned_shop: object, db: None) -> Client:
    """A browser: nobody's, then Maya's."""
    if request.param != "anonymous":
        client.force_login(User.objects.get(username=request.param))
    return client


@pytest.fixture
def signed_in(client: Client, learned_shop: object, db: None) -> Client:
    client.force_login(User.objects.get(username="maya"))
    return client
