"""What Django's signals tell of people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from django.contrib.auth.signals import user_logged_in
from django.db import transaction

from personalization.adapters import get_adapter
from personalization.engine.types import IdentityKind
from personalization.identity.cookie import read_cookie
from personalization.identity.merge import merge_login
from personalization.privacy.consent import agrees
from personalization.store.people import people_database
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from django.http import HttpRequest

_WHAT: Final = "joining a browser to who signed in"


def connect() -> None:
    """Listen to logins."""
    user_logged_in.connect(_logged_in, dispatch_uid="personalization.identity")


def _logged_in(*, request: HttpRequest | None = None, user: object = None, **kwargs: object) -> None:
    if request is not None:
        shielded(lambda: _after_commit(request, user), what=_WHAT, otherwise=None)


def _after_commit(request: HttpRequest, user: object) -> None:
    """In a transaction of the host nothing is written, and nothing is asked, before it commits."""

    def merge() -> None:  # a function, because Django's log of a failed hook needs its name
        shielded(lambda: _merge(request, user), what=_WHAT, otherwise=None)

    transaction.on_commit(merge, using=people_database(), robust=True)


def _merge(request: HttpRequest, user: object) -> None:
    key = read_cookie(request)
    if key is None or not agrees(request):
        return
    adapter = get_adapter()
    known = adapter.identity(request)
    if known is not None and known.kind != IdentityKind.USER:
        return  # this shop's customers are not Django's users
    owner = adapter.user_key(user) if known is None else known.key
    merge_login(key, owner, tenant=adapter.tenant(request), now=time.time_ns() // 1000)
