"""Shops without templates: their server speaks for a customer, and proves with a key that it may."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from personalization.conf import settings
from personalization.engine.ids import is_key
from personalization.engine.types import Identity, IdentityKind
from personalization.privacy.consent import AGREED, REFUSED

if TYPE_CHECKING:
    from django.http import HttpRequest

_SCHEME: Final = "bearer "
_HEADERS: Final = {
    "HTTP_PERSONALIZATION_USER": IdentityKind.USER,
    "HTTP_PERSONALIZATION_VISITOR": IdentityKind.VISITOR,
}


def is_server(request: HttpRequest) -> bool:
    """Whether the request shows one of SERVER_KEYS: ``Authorization: Bearer <key>``."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header or not header.lower().startswith(_SCHEME):
        return False
    shown = header[len(_SCHEME) :].strip().encode()
    return any(hmac.compare_digest(shown, key.encode()) for key in settings.server_keys)


def headless_identity(request: HttpRequest) -> Identity | None:
    """Whom the shop's server speaks for: ``Personalization-User`` or ``Personalization-Visitor``.

    None without a server key, and for a customer who refused (``Personalization-Consent: 0``) or, where
    CONSENT_REQUIRED is on, did not agree (``1``).
    """
    if not is_server(request):
        return None
    said = headless_consent(request)
    if said is False or (settings.CONSENT_REQUIRED and not said):
        return None
    return spoken_for(request)


def spoken_for(request: HttpRequest) -> Identity | None:
    """Whom a request that shows a server key names, whatever they chose."""
    for header, kind in _HEADERS.items():
        key = _text(request.META.get(header, ""))
        if is_key(key):
            return Identity(kind, key)
    return None


def headless_consent(request: HttpRequest) -> bool | None:
    """What the customer said of being known, as the shop's server passes it on; None when it does not."""
    return {AGREED: True, REFUSED: False}.get(request.META.get("HTTP_PERSONALIZATION_CONSENT", ""))


def _text(header: str) -> str:
    """Servers hand headers over as Latin-1; clients write UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
