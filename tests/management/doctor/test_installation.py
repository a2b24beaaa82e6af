"""Tables, addresses, templates and files that the app needs."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.urls import clear_url_caches

from personalization.management.doctor import Finding, Level, installation
from personalization.middleware import PersonalMiddleware
from personalization.store.overview import missing_migrations
from tests.management.doctor.said import texts

pytestmark = pytest.mark.django_db
urlpatterns: list[Any] = []


def found() -> list[Finding]:
    return list(installation.look())


def test_what_is_there_is_said() -> None:
    seen = found()
    assert not texts(seen, Level.ERROR)
    assert "The tables are there." in texts(seen, Level.FINE)
    assert "personalization/beacon.js" in texts(seen, Level.FINE)


def test_migrations_that_were_not_applied() -> None:
    ((_, newest),) = MigrationLoader(None).graph.leaf_nodes("personalization")
    MigrationRecorder(connection).record_unapplied("personalization", newest)
    assert missing_migrations() == [newest]
    (finding,) = [one for one in found() if one.add == "python manage.py migrate"]
    assert finding.level == Level.ERROR
    assert f"beginning with {newest}" in finding.text


def test_migrations_of_others_do_not_matter() -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    assert not missing_migrations()


def test_addresses_that_are_not_included(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    clear_url_caches()
    (finding,) = [one for one in found() if one.to == "urlpatterns"]
    assert finding.level == Level.ERROR
    assert finding.add == 'path("personalization/", include("personalization.urls")),'


def test_templates_that_do_not_know_the_request(settings: Any) -> None:
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["OPTIONS"]["context_processors"].remove(
        "django.template.context_processors.request"
    )
    (finding,) = [one for one in found() if "TEMPLATES" in one.to]
    assert finding.level == Level.ERROR
    assert finding.add == '"django.template.context_processors.request",'


def test_wrong_settings_are_errors_and_doubts_warnings(settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "HOLDOUT_SHARE": 7}
    seen = found()
    assert "personalization.E016" in texts(seen, Level.ERROR)
    assert "personalization.W002" in texts(seen, Level.WARNING)  # each worker has a cache of its own
    settings.SILENCED_SYSTEM_CHECKS = ["personalization.W002"]
    assert "personalization.W002" not in texts(found(), Level.WARNING)


def test_what_matters_once_deployed_is_a_note_on_ones_own_machine(settings: Any) -> None:
    settings.DEBUG = True
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "RETENTION_DAYS": 30}
    seen = found()
    assert "Before you deploy: personalization.W002" in texts(seen, Level.NOTE)
    assert "W002" not in texts(seen, Level.WARNING)
    assert "W004" in texts(seen, Level.WARNING)  # it is said without --deploy, too


class OfTheShop(PersonalMiddleware):
    """A subclass is as good."""


OURS = "personalization.middleware.PersonalMiddleware"


@pytest.mark.parametrize(
    ("stack", "missing"), [([], True), ([OURS], False), ([f"{__name__}.OfTheShop"], False)]
)
def test_the_middleware_is_missed(settings: Any, stack: list[str], missing: bool) -> None:
    others = [path for path in settings.MIDDLEWARE if path != OURS]
    settings.MIDDLEWARE = [*others, *stack]
    said = [one.add for one in found() if one.level == Level.WARNING]
    assert (f'MIDDLEWARE += ["{OURS}"]' in said) is missing


def test_scripts_that_were_not_collected(settings: Any, tmp_path: Any) -> None:
    settings.DEBUG, settings.STATIC_ROOT = False, str(tmp_path)
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}
    assert staticfiles_storage  # the setting is read anew
    (finding,) = [one for one in found() if one.add == "python manage.py collectstatic"]
    assert finding.level == Level.ERROR


def test_a_shop_without_staticfiles_hands_them_out_itself(settings: Any) -> None:
    settings.INSTALLED_APPS = [each for each in settings.INSTALLED_APPS if "staticfiles" not in each]
    assert "your server must hand out personalization/beacon.js" in texts(found(), Level.NOTE)


@pytest.mark.parametrize(("required", "said"), [(False, True), (True, False)])
def test_consent_is_pointed_out(settings: Any, required: bool, said: bool) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": required}
    assert ("set CONSENT_REQUIRED" in texts(found(), Level.NOTE)) is said
