"""People of whatever shop the suite runs under: some know their customers by a user name, some by e-mail alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def login_name(name: str) -> str:
    """What a person called so signs in with."""
    by_email = get_user_model().USERNAME_FIELD == "email"
    return f"{name}@example.com" if by_email else name


def make_person(name: str, **fields: Any) -> AbstractBaseUser:
    return get_user_model().objects.create_user(login_name(name), **fields)


def make_chief(name: str = "chief") -> AbstractBaseUser:
    """Somebody who may do everything."""
    return get_user_model().objects.create_superuser(login_name(name))
