"""Request → who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.engine.types import Identity, IdentityKind

if TYPE_CHECKING:
    from django.http import HttpRequest


def find_identity(request: HttpRequest) -> Identity | None:
    """The signed-in user, by the adapter's key; None for everybody else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Identity(IdentityKind.USER, get_adapter().user_key(user))
