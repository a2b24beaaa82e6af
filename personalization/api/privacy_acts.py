"""What a visitor may do with their own data, for the page and for programs alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.identity.cookie import drop_cookie, read_cookie, write_choice
from personalization.identity.headless import is_server
from personalization.identity.owner import find_owner, owns_browser
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from personalization.engine.types import Identity
    from personalization.privacy.erasure import Erased


def change_choice(request: HttpRequest, response: HttpResponse, *, agreed: bool, now: int) -> None:
    """Remember a choice: on the person's rows if there is a person, and in this browser."""
    tenant = get_adapter().tenant(request)
    headless = is_server(request)
    choose(
        find_owner(request, tenant=tenant),
        agreed=agreed,
        browser=None if headless else read_cookie(request),
        tenant=tenant,
        now=now,
    )
    if not headless:
        write_choice(response, request, agreed=agreed)


def forget(request: HttpRequest, response: HttpResponse, owner: Identity, *, tenant: str, now: int) -> Erased:
    """Forget a person; this browser's key goes too, unless somebody else is known by it."""
    own_browser = owns_browser(request, owner, tenant=tenant)
    done = erase([owner], tenant=tenant, now=now)
    if own_browser:
        drop_cookie(response)
    return done
