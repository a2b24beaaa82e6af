"""Who acts, where and when, as every shortcut reads it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.http import HttpRequest

from personalization.adapters import get_adapter
from personalization.identity.resolve import find_identity

if TYPE_CHECKING:
    from personalization.engine.types import Identity


def find_actor(
    who: HttpRequest | Identity | None, tenant: str, store: str
) -> tuple[Identity | None, str, str]:
    """Who acts, in which tenant and store; what the caller names comes before what the adapter says."""
    who = as_django(who)
    if not isinstance(who, HttpRequest):
        return who, tenant, store
    adapter = get_adapter()
    return find_identity(who), tenant or adapter.tenant(who), store or adapter.store(who)


def as_django(who: HttpRequest | Identity | None) -> HttpRequest | Identity | None:
    """Django's request where Django REST framework's is passed."""
    return getattr(who, "_request", who)


def instant(now: int | None) -> int:
    return time.time_ns() // 1000 if now is None else now
