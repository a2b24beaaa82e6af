"""Django's own users, as people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from personalization.adapters.paths import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def names_of_users(keys: Iterable[str]) -> Mapping[str, str]:
    """Primary key, as text → full name, else the name of the login; in one query."""
    model = get_user_model()
    users: Any = model._default_manager.filter(pk__in=[key for key in keys if fits(model, "pk", key)])
    return {str(user.pk): _name(user) for user in users}


def _name(user: Any) -> str:
    full_name = getattr(user, "get_full_name", str)()
    return str(full_name or user.get_username())
