"""Whose data it is, when somebody types it."""

from typing import Final

from personalization.engine.ids import is_key
from personalization.exceptions import InvalidInputError

TENANT_LENGTH: Final = 64


def require_tenant(tenant: str) -> None:
    """Raise InvalidInputError naming ``tenant`` when no row could hold it."""
    if tenant and not (is_key(tenant) and len(tenant) <= TENANT_LENGTH):
        raise InvalidInputError("tenant", f"a tenant has at most {TENANT_LENGTH} characters")
