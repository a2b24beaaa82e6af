"""What Django's signals tell of people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.contrib.auth.signals import user_logged_in

from personalization.adapters import get_adapter
from personalization.engine.types import IdentityKind
from personalization.identity.cookie import read_cookie
from personalization.identity.merge import merge_login
from personalization.privacy.consent import agrees
from personalization.store.after_commit import after_commit

if TYPE_CHECKING:
    from django.http import HttpRequest


def connect() -> None:
    """Listen to logins."""
    user_logged_in.connect(_logged_in, dispatch_uid="personalization.identity")


def _logged_in(*, request: HttpRequest | None = None, user: object = None, **kwargs: object) -> None:
    if request is not None:
        after_commit(lambda: _merge(request, user), what="joining a browser to who signed in")


def _merge(request: HttpRequest, user: object) -> bool:
    key = read_cookie(request)
    if key is None or not agrees(request):
        return False
    adapter = get_adapter()
    known = adapter.identity(request)
    if known is not None and known.kind != IdentityKind.USER:
        return False  # this shop's customers are not Django's users
    owner = adapter.user_key(user) if known is None else known.key
    return merge_login(key, owner, tenant=adapter.tenant(request), now=time.time_ns() // 1000)
