"""Under whom events are stored that a request tells; a browser that nobody knows yet gets a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from personalization.conf import settings
from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.identity.address import client_address
from personalization.identity.cookie import new_key, read_cookie
from personalization.identity.headless import is_server
from personalization.identity.resolve import find_consent, find_identity
from personalization.privacy.consent import agrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest

_SALT: Final = "personalization.newcomer"
#: An id of fewer characters may be one that another browser makes too.
_RANDOM: Final = 20


def find_teller(request: HttpRequest) -> tuple[Identity | None, bool]:
    """Who tells, None for a browser without a key, and whether it may be known at all.

    Raises InvalidInputError naming ``identity`` when the shop's server does not say whom it speaks for.
    """
    identity = find_identity(request)
    if identity is not None:
        return identity, True
    if not is_server(request):
        return None, agrees(request)
    said = find_consent(request)
    if said is False or (settings.CONSENT_REQUIRED and not said):
        return None, False
    message = _("Say whom this is about, by the header Personalization-User or Personalization-Visitor.")
    raise InvalidInputError("identity", message, code="required")


def is_browser(request: HttpRequest, identity: Identity | None) -> bool:
    """Whether somebody who may be known is so by our cookie alone: we may give it another key."""
    if identity is None:
        return not is_server(request)
    return (
        identity.kind == IdentityKind.VISITOR
        and not is_server(request)
        and identity.key == read_cookie(request)
    )


def own_browser(request: HttpRequest, identity: Identity | None) -> Identity | None:
    """The browser by our cookie, when it is somebody else who acts in it."""
    key = None if is_server(request) else read_cookie(request)
    browser = None if key is None else Identity(IdentityKind.VISITOR, key)
    return None if browser == identity else browser


def newcomers(request: HttpRequest, ids: Sequence[str]) -> Iterator[Identity]:
    """What a browser may be called from now on whose first events have these ids; the first that is free holds.

    The same batch gets the same key: a browser whose first answer was lost on the way sends it again, still without a
    cookie, and its events must not be stored as those of a second visitor. Nobody can work out the key without the
    ids, which only that browser has, at its address.
    """
    if ids and len(ids[0]) >= _RANDOM:
        meta = request.META
        parts = [*ids, client_address(request), meta.get("HTTP_USER_AGENT", ""), read_cookie(request) or ""]
        mac = salted_hmac(_SALT, "\n".join(parts), settings.secret_keys[0], algorithm="sha256")
        yield Identity(IdentityKind.VISITOR, mac.hexdigest()[:32])
    yield Identity(IdentityKind.VISITOR, new_key())
