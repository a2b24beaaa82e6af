"""A browser that nobody knows gets a key; the same first batch gets the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from personalization.engine.types import IdentityKind
from personalization.identity.newcomer import newcomers
from tests.goods import GOODS

IDS = ["123e4567-e89b-42d3-a456-426614174000", "second-id"]


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    settings.PERSONALIZATION = GOODS


def keys(ids: list[str] = IDS, **meta: str) -> list[str]:
    request = RequestFactory().post("/", **{"HTTP_USER_AGENT": "Mozilla/5.0 (X)", **meta})
    found = list(newcomers(request, ids))
    assert {identity.kind for identity in found} == {IdentityKind.VISITOR}
    return [identity.key for identity in found]


def test_the_same_batch_gets_the_same_key_and_then_one_by_chance() -> None:
    (first, chance), (again, other) = keys(), keys()
    assert first == again
    assert len({first, chance, other}) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"ids": IDS[:1]},
        {"ids": [*IDS[::-1], IDS[0]]},
        {"REMOTE_ADDR": "203.0.113.9"},
        {"HTTP_USER_AGENT": "Mozilla/5.0 (Y)"},
    ],
)
def test_another_batch_another_key(changed: Any) -> None:
    assert keys(**changed)[0] != keys()[0]


@pytest.mark.parametrize("ids", [[], ["event-0001"], ["event-0001", IDS[0]]])
def test_ids_that_others_may_make_too_give_a_key_by_chance(ids: list[str]) -> None:
    assert len(keys(ids)) == 1
    assert keys(ids) != keys(ids)


def test_nobody_can_work_it_out_without_our_secret(settings: Any) -> None:
    before = keys()[0]
    settings.SECRET_KEY = "another"
    assert keys()[0] != before
