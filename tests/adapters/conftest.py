from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django.test import override_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOPS = ("tests.adapters.bazaar", "tests.adapters.kiosk")


@pytest.fixture(scope="package")
def _bazaar(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with override_settings(INSTALLED_APPS=[*django_settings.INSTALLED_APPS, *SHOPS]):
        apps.clear_cache()  # models remember what leads to them, nothing before they were installed, too
        models = [model for label in ("bazaar", "kiosk") for model in apps.get_app_config(label).get_models()]
        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        yield
        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)


@pytest.fixture
def bazaar(_bazaar: None, db: None, settings: Any) -> None:
    """The tables of `tests.adapters.bazaar`, whose moments have zones in every host."""
    settings.USE_TZ, settings.TIME_ZONE = True, "UTC"
