"""What around the adapter must be there: tables, addresses, templates, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.core.checks import ERROR, run_checks
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.templatetags.static import static
from django.utils.module_loading import import_string

from personalization.conf import settings
from personalization.management.doctor.finding import error, fine, note, warning
from personalization.middleware import PersonalMiddleware
from personalization.store.overview import missing_migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.management.doctor.finding import Finding

ABOUT: Final = "Installation"
_REQUEST: Final = "django.template.context_processors.request"
_MIDDLEWARE: Final = "personalization.middleware.PersonalMiddleware"
_URLS: Final = "personalization.W003"
_SCRIPT: Final = "personalization/beacon.js"


def look() -> Iterator[Finding]:
    yield from _migrations()
    yield from _checks()
    yield from _request()
    yield from _middleware()
    yield from _static_files()
    if not settings.CONSENT_REQUIRED:
        text = (
            "People are known until they refuse. Where the law wants them asked first, set CONSENT_REQUIRED."
        )
        yield note(ABOUT, text, add='PERSONALIZATION = {…, "CONSENT_REQUIRED": True}', to="settings")


def _migrations() -> Iterator[Finding]:
    if missing := missing_migrations():
        text = f"{len(missing)} of our migrations were not applied, beginning with {missing[0]}."
        yield error(ABOUT, text, add="python manage.py migrate", to="the shell")
    else:
        yield fine(ABOUT, "The tables are there.")


def _checks() -> Iterator[Finding]:
    """The system checks, those for deployment too."""
    now = {message.id for message in run_checks(tags=["personalization"])}
    for message in run_checks(tags=["personalization"], include_deployment_checks=True):
        if message.id == _URLS:
            line = 'path("personalization/", include("personalization.urls")),'
            yield error(ABOUT, str(message.msg), add=line, to="urlpatterns")
        elif message.is_silenced():
            continue
        elif settings.debug and message.id not in now:
            yield note(ABOUT, f"Before you deploy: {message.id}: {message.msg}", add=message.hint or "")
        else:
            say = error if message.level >= ERROR else warning
            yield say(ABOUT, f"{message.id}: {message.msg}", add=message.hint or "")


def _request() -> Iterator[Finding]:
    """Slots ask the request who the visitor is."""
    for engine in engines.all():
        if isinstance(engine, DjangoTemplates) and _REQUEST not in engine.engine.context_processors:
            text = (
                f"Templates of the engine {engine.name!r} do not know the request: slots there know nobody."
            )
            yield error(ABOUT, text, add=f'"{_REQUEST}",', to='TEMPLATES, "context_processors"')


def _middleware() -> Iterator[Finding]:
    if not any(map(_is_ours, settings.middleware)):
        text = "PersonalMiddleware is missing: caches before your server may keep pages with somebody's own recommendations."
        yield warning(ABOUT, text, add=f'MIDDLEWARE += ["{_MIDDLEWARE}"]', to="settings")


def _is_ours(path: str) -> bool:
    found = import_string(path)
    return isinstance(found, type) and issubclass(found, PersonalMiddleware)


def _static_files() -> Iterator[Finding]:
    if not apps.is_installed("django.contrib.staticfiles"):
        text = f"django.contrib.staticfiles is not installed: your server must hand out {_SCRIPT} itself."
        yield note(ABOUT, text)
        return
    try:
        address = static(_SCRIPT)
    except ValueError as failure:
        yield error(ABOUT, str(failure), add="python manage.py collectstatic", to="the shell")
    else:
        yield fine(ABOUT, f"The script for pages is at {address}.")
