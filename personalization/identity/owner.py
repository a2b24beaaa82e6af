"""Request → whose data it may see, change and erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.engine.types import Identity, IdentityKind
from personalization.identity.cookie import read_cookie
from personalization.identity.headless import is_server, spoken_for
from personalization.privacy.standing import is_closed, standing_of

if TYPE_CHECKING:
    from django.http import HttpRequest


def find_owner(request: HttpRequest, *, tenant: str) -> Identity | None:
    """Who is proven to be there, whatever they chose; None for nobody.

    A shop's server proves it for its customer, a session for its user. A browser's key proves only that it is this
    browser: what belongs to a person is shown to nobody who is not signed in, on a shared browser above all.
    """
    if is_server(request):
        return spoken_for(request)
    adapter = get_adapter()
    known = adapter.identity(request)
    if known is not None:
        return known
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return Identity(IdentityKind.USER, adapter.user_key(user))
    key = read_cookie(request)
    browser = None if key is None else Identity(IdentityKind.VISITOR, key)
    if browser is None or is_closed(browser.kind, standing_of(browser, tenant=tenant)):
        return None
    return browser


def owns_browser(request: HttpRequest, owner: Identity, *, tenant: str) -> bool:
    """Whether the cookie of this request is the owner's: it has no other person behind it."""
    key = read_cookie(request)
    if key is None or is_server(request):
        return False
    browser = Identity(IdentityKind.VISITOR, key)
    if browser == owner:
        return True
    person = standing_of(browser, tenant=tenant).person
    return person is not None and person == standing_of(owner, tenant=tenant).person
