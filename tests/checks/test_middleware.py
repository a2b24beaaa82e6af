"""The order of the host's middleware."""

from typing import Any

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.cache import UpdateCacheMiddleware

from personalization.checks import check_installation

SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
CACHE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
OURS = "personalization.middleware.PersonalMiddleware"


class OwnSession(SessionMiddleware):
    """A host's own."""


class OwnCache(UpdateCacheMiddleware):
    """A host's own."""


def around(get_response: Any) -> Any:
    """Middleware may be a function."""
    return get_response


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ([], []),
        ([SESSION, AUTH], []),
        ([AUTH, SESSION], ["W006"]),
        ([AUTH], ["W006"]),
        ([f"{__name__}.OwnSession", AUTH], []),
        ([SESSION, AUTH, OURS], []),
        ([CACHE, SESSION, AUTH, OURS, FETCH], []),
        ([CACHE, SESSION, AUTH, FETCH], ["W005"]),
        ([OURS, CACHE, FETCH], ["W005"]),
        ([f"{__name__}.OwnCache"], ["W005"]),
        ([f"{__name__}.OwnCache", f"{__name__}.around", OURS], []),
        (["no.such.Middleware", "nonsense"], []),
        ([CACHE, AUTH], ["W005", "W006"]),
    ],
)
def test_each_order(settings: Any, stack: list[str], expected: list[str]) -> None:
    settings.MIDDLEWARE = stack
    messages = check_installation()
    assert [message.id for message in messages] == [f"personalization.{id_}" for id_ in expected]
    assert all(message.hint for message in messages)
