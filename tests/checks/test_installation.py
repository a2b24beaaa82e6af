"""What around the settings keeps the app from doing all it could."""

import sys
from types import ModuleType
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.test import override_settings
from django.urls import clear_url_caches, include, path

from personalization.checks import check_deployment, check_installation
from personalization.checks.installation import _INEXACT
from personalization.conf import BUILT_IN_THROTTLES

REDIS = "django.core.cache.backends.redis.RedisCache"


def warned(messages: list[Any]) -> list[str]:
    assert all(message.hint for message in messages)
    return [message.id.removeprefix("personalization.") for message in messages]


@pytest.fixture
def addresses(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A host with these urlpatterns."""

    def install(*patterns: Any) -> None:
        module = ModuleType("tests.checks.addresses")
        module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        settings.ROOT_URLCONF = module.__name__
        clear_url_caches()

    yield install
    clear_url_caches()


def test_this_host_is_told_nothing() -> None:
    assert check_installation() == []
    assert [m for m in run_checks(tags=["personalization"]) if m.id.startswith("personalization.")] == []


def test_forgotten_addresses_are_a_warning(addresses: Any) -> None:
    addresses()
    assert warned(check_installation()) == ["W003"]
    addresses(path("anywhere/", include("personalization.urls")))
    assert check_installation() == []


def test_a_host_without_addresses_is_not_asked_for_them(settings: Any) -> None:
    del settings.ROOT_URLCONF
    assert check_installation() == []


@pytest.mark.parametrize("kind", _INEXACT)
def test_a_cache_that_cannot_count_is_told_where_it_matters(kind: type, settings: Any, tmp_path: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": f"{kind.__module__}.{kind.__name__}", "LOCATION": str(tmp_path)}
    }
    assert warned(check_deployment()) == ["W002"]
    assert "'default'" in check_deployment()[0].msg
    assert check_installation() == []


def test_a_cache_that_counts_passes(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": REDIS, "LOCATION": "redis://localhost"}}
    assert check_deployment() == []


def test_the_cache_that_is_named_is_judged(settings: Any) -> None:
    settings.CACHES = {**settings.CACHES, "shared": {"BACKEND": REDIS, "LOCATION": "redis://localhost"}}
    with override_settings(PERSONALIZATION={"CACHE": "shared"}):
        assert check_deployment() == []
    with override_settings(PERSONALIZATION={"CACHE": ["wrong"]}):
        assert check_deployment() == []  # an error of check_settings


def test_without_throttles_any_cache_will_do() -> None:
    off = dict.fromkeys(["events", "slots", "advice", "ratings", "privacy", "offers"])
    with override_settings(PERSONALIZATION={"THROTTLES": off}):
        assert check_deployment() == []


def test_it_is_asked_by_check_deploy_only() -> None:
    def told(*, deploy: bool) -> list[str]:
        return [m.id for m in run_checks(tags=["personalization"], include_deployment_checks=deploy)]

    assert told(deploy=False) == []
    assert told(deploy=True) == ["personalization.W002"]


def test_requests_that_are_transactions_hold_up_who_wants_the_same_offer(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PERSONALIZATION = {"THROTTLES": dict.fromkeys(BUILT_IN_THROTTLES)}
    assert check_deployment() == []
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    assert warned(check_deployment()) == ["W007"]
    assert check_installation() == []
