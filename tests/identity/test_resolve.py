"""Who acts: the session's user by the adapter's key, and nobody else."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory, override_settings

from personalization.engine.types import Identity, IdentityKind
from personalization.identity.resolve import find_identity
from tests.goods import GoodsAdapter


class ByName(GoodsAdapter):
    def user_key(self, user: object) -> str:
        return user.name  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _open(goods: None) -> None:
    """What a host's settings say of consent is not the matter here."""


def user(key: int, name: str) -> SimpleNamespace:
    return SimpleNamespace(pk=key, name=name, is_authenticated=True)


@pytest.fixture
def request_of(rf: RequestFactory) -> HttpRequest:
    return rf.get("/?user=7", headers={"X-User": "7"})


def test_a_signed_in_user_is_known_by_the_primary_key(request_of: HttpRequest) -> None:
    request_of.user = user(42, "ann")
    assert find_identity(request_of) == Identity(IdentityKind.USER, "42")


@override_settings(PERSONALIZATION={"ADAPTER": f"{__name__}.ByName"})
def test_the_adapter_may_know_users_by_something_else(request_of: HttpRequest) -> None:
    request_of.user = user(42, "ann")
    assert find_identity(request_of) == Identity(IdentityKind.USER, "ann")


def test_a_stranger_is_nobody(request_of: HttpRequest) -> None:
    request_of.user = AnonymousUser()
    assert find_identity(request_of) is None


@pytest.mark.parametrize("user", ["absent", None])
def test_a_shop_without_users_has_nobody(request_of: HttpRequest, user: str | None) -> None:
    if user is None:
        request_of.user = None  # type: ignore[assignment]  # what DRF's UNAUTHENTICATED_USER = None gives
    assert find_identity(request_of) is None
