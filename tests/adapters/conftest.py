from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django.test import override_settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def _bazaar(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with override_settings(INSTALLED_APPS=[*django_settings.INSTALLED_APPS, "tests.adapters.bazaar"]):
        models = list(apps.get_app_config("bazaar").get_models())
        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        yield
        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)


@pytest.fixture
def bazaar(_bazaar: None, db: None) -> None:
    """The tables of `tests.adapters.bazaar`."""
