"""Who acts: the session's user by the adapter's key, and nobody else."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.test import RequestFactory, override_settings

from personalization.adapters import DeclarativeAdapter
from personalization.engine.types import Identity, IdentityKind
from personalization.identity.resolve import find_identity


class ByName(DeclarativeAdapter):
    product_model = "shop_demo.Product"

    def user_key(self, user: object) -> str:
        return user.username  # type: ignore[attr-defined]


@pytest.fixture
def request_of(rf: RequestFactory) -> HttpRequest:
    return rf.get("/?user=7", headers={"X-User": "7"})


def test_a_signed_in_user_is_known_by_the_primary_key(request_of: HttpRequest) -> None:
    request_of.user = User(pk=42, username="ann")
    assert find_identity(request_of) == Identity(IdentityKind.USER, "42")


@override_settings(PERSONALIZATION={"ADAPTER": f"{__name__}.ByName"})
def test_the_adapter_may_know_users_by_something_else(request_of: HttpRequest) -> None:
    request_of.user = User(pk=42, username="ann")
    assert find_identity(request_of) == Identity(IdentityKind.USER, "ann")


def test_a_stranger_is_nobody(request_of: HttpRequest) -> None:
    request_of.user = AnonymousUser()
    assert find_identity(request_of) is None


@pytest.mark.parametrize("user", ["absent", None])
def test_a_shop_without_users_has_nobody(request_of: HttpRequest, user: str | None) -> None:
    if user is None:
        request_of.user = None  # type: ignore[assignment]  # what DRF's UNAUTHENTICATED_USER = None gives
    assert find_identity(request_of) is None
