"""Request → who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.engine.types import Identity, IdentityKind
from personalization.identity.cookie import read_cookie
from personalization.identity.headless import headless_consent, headless_identity, is_server
from personalization.privacy.consent import agrees, said

if TYPE_CHECKING:
    from django.http import HttpRequest


def find_identity(request: HttpRequest) -> Identity | None:
    """Who acts, None for somebody who is not known or does not want to be.

    A shop's server that shows its key speaks for its customer; else the adapter may know; else it is the signed-in
    user, by the adapter's key; else the browser, by our cookie.
    """
    if is_server(request):
        return headless_identity(request)
    if not agrees(request):
        return None
    adapter = get_adapter()
    known = adapter.identity(request)
    if known is not None:
        return known
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return Identity(IdentityKind.USER, adapter.user_key(user))
    key = read_cookie(request)
    return None if key is None else Identity(IdentityKind.VISITOR, key)


def find_consent(request: HttpRequest) -> bool | None:
    """What whoever acts says of being known: True agreed, False refused, None nothing."""
    return headless_consent(request) if is_server(request) else said(request)
