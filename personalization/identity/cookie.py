"""Our first-party cookie: a random key, signed. It is set by our own addresses only, never by a page of the host, so
that no page cache can hand it to somebody else."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.core.signing import BadSignature, Signer

from personalization.conf import settings
from personalization.engine.ids import is_key
from personalization.privacy.consent import AGREED, REFUSED

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_SALT: Final = "personalization.visitor"
_DAY: Final = 86_400


def read_cookie(request: HttpRequest) -> str | None:
    """The browser's key; None without a cookie, or with one that we did not sign."""
    text = request.COOKIES.get(settings.cookie["NAME"])
    return _verified(text, *settings.secret_keys) if text else None


def has_foreign_cookie(request: HttpRequest) -> bool:
    """Whether the browser carries something under our cookie's name that we did not sign."""
    return settings.cookie["NAME"] in request.COOKIES and read_cookie(request) is None


def new_key() -> str:
    """A key that nobody can guess: 128 random bits."""
    return secrets.token_urlsafe(16)


def write_cookie(response: HttpResponse, request: HttpRequest, key: str) -> None:
    """Let the browser carry this key from now on."""
    response.set_cookie(settings.cookie["NAME"], _signer().sign(key), httponly=True, **_options(request))


def write_choice(response: HttpResponse, request: HttpRequest, *, agreed: bool) -> None:
    """Let the browser carry its choice; who refuses loses the cookie that named it."""
    cookie = settings.cookie
    response.set_cookie(cookie["CONSENT_NAME"], AGREED if agreed else REFUSED, **_options(request))
    if not agreed:
        drop_cookie(response)


def drop_cookie(response: HttpResponse) -> None:
    """Let the browser forget its key."""
    cookie = settings.cookie
    response.delete_cookie(
        cookie["NAME"], path=cookie["PATH"], domain=cookie["DOMAIN"], samesite=cookie["SAMESITE"]
    )


@lru_cache(maxsize=1024)
def _verified(text: str, *secrets: str) -> str | None:
    """What a cookie says that one of these secrets signed; a browser that tells much is not verified each time."""
    try:
        key = Signer(key=secrets[0], fallback_keys=list(secrets[1:]), salt=_SALT).unsign(text)
    except BadSignature:
        return None
    return key if is_key(key) else None


def _signer() -> Signer:
    return Signer(salt=_SALT)


def _options(request: HttpRequest) -> dict[str, Any]:
    cookie = settings.cookie
    secure = request.is_secure() if cookie["SECURE"] is None else cookie["SECURE"]
    return {
        "max_age": cookie["AGE_DAYS"] * _DAY,
        "path": cookie["PATH"],
        "domain": cookie["DOMAIN"],
        "samesite": cookie["SAMESITE"],
        "secure": secure,
    }
