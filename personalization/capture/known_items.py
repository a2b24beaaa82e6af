"""The keys that a shop writes → items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.engine.ids import is_key
from personalization.store.items import intern_items

if TYPE_CHECKING:
    from collections.abc import Iterable


def known_items(keys: Iterable[str], *, tenant: str, now: int) -> dict[str, int]:
    """Item ids by key. The key of a variant gets the item that is recommended for it; what nobody knows is left out."""
    usable = {key for key in keys if is_key(key)}
    if not usable:
        return {}
    parents = get_adapter().canonical_keys(usable, tenant)
    if not parents:
        return intern_items(usable, tenant=tenant, now=now)
    wanted = {key: parents.get(key, key) for key in usable}
    found = intern_items({key for key in wanted.values() if is_key(key)}, tenant=tenant, now=now)
    return {key: found[item] for key, item in wanted.items() if item in found}
