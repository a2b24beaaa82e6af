"""Whether a request may be tied to a person: who is asked first, and what holds when nobody said anything."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory

from personalization.privacy.consent import agrees, chosen, signals_refusal
from tests.goods import GOODS, GoodsAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest

ANSWERS = {"yes": True, "no": False}


class Banner(GoodsAdapter):
    """A shop whose own banner knows."""

    def consent(self, request: HttpRequest) -> bool | None:
        return ANSWERS.get(request.META.get("HTTP_X_BANNER", ""))


def asked(*, cookie: str | None = None, name: str = "personalization_consent", **headers: str) -> HttpRequest:
    request = RequestFactory().get(
        "/", headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
    if cookie is not None:
        request.COOKIES[name] = cookie
    return request


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("honored", [True, False])
@pytest.mark.parametrize("signal", [{}, {"sec_gpc": "1"}, {"dnt": "1"}, {"sec_gpc": "0"}])
@pytest.mark.parametrize(
    ("banner", "cookie"), list(product(["", "yes", "no"], [None, "", "0", "1", "2", "true"]))
)
def test_the_first_who_says_anything_is_believed(
    settings: Any, *, required: bool, honored: bool, signal: dict[str, str], banner: str, cookie: str | None
) -> None:
    settings.PERSONALIZATION = {
        "ADAPTER": f"{__name__}.Banner",
        "CONSENT_REQUIRED": required,
        "HONOR_GPC": honored,
    }
    said = [
        False if honored and "1" in signal.values() else None,
        ANSWERS.get(banner),
        {"0": False, "1": True}.get(cookie or ""),
        not required,
    ]
    request = asked(cookie=cookie, x_banner=banner, **signal)
    assert agrees(request) == next(answer for answer in said if answer is not None)


@pytest.mark.parametrize(
    ("headers", "refuses"),
    [
        ({}, False),
        ({"dnt": "0"}, False),
        ({"dnt": "1"}, True),
        ({"sec_gpc": "1"}, True),
        ({"sec_gpc": "?1"}, False),
    ],
)
def test_what_browsers_send(headers: dict[str, str], *, refuses: bool) -> None:
    assert signals_refusal(asked(**headers)) == refuses


def test_the_name_of_the_cookie_is_a_setting(settings: Any) -> None:
    settings.PERSONALIZATION = GOODS | {"COOKIE": {"CONSENT_NAME": "choice"}}
    assert chosen(asked(cookie="0")) is None
    assert chosen(asked(cookie="0", name="choice")) is False
