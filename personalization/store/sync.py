"""The host's catalog → our item rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.adapters import CATALOG, get_adapter
from personalization.engine.ids import digest, is_key
from personalization.models import Item
from personalization.store.bulk import batches
from personalization.store.items import upsert_items
from personalization.store.stamps import bump_stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalization.adapters import Adapter

_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Synced:
    """``retired``: items that the host no longer has; their rows stay, because events name them."""

    stored: int = 0
    updated: int = 0
    retired: int = 0


def sync_items(*, tenant: str, now: int, beat: Callable[[], None] = lambda: None) -> Synced:
    """Store what the host's adapter says of every product; nothing to do when the catalog is ours already.

    ``beat`` is called after each batch. Products whose key no database could hold are left out. A catalog that
    comes back empty retires nothing: that is an adapter in trouble rather than a shop without products.
    """
    adapter = get_adapter()
    if _is_ours(adapter):
        return Synced()
    stored = updated = 0
    seen: set[bytes] = set()
    usable = (record for record in adapter.iter_items(tenant) if is_key(record.key))
    for batch in batches(usable, _BATCH):
        done = upsert_items(batch, tenant=tenant, origin=Item.Origin.ADAPTER, now=now)
        stored, updated = stored + done.stored, updated + done.updated
        seen.update(digest(record.key) for record in batch)
        beat()
    return Synced(stored, updated, _retire_all_but(seen, tenant=tenant, now=now) if seen else 0)


def _retire_all_but(seen: set[bytes], *, tenant: str, now: int) -> int:
    known = Item.objects.filter(tenant=tenant, origin=Item.Origin.ADAPTER, active=True)
    gone = [pk for pk, key in known.values_list("pk", "digest").iterator() if bytes(key) not in seen]
    for batch in batches(gone, _BATCH):
        Item.objects.filter(pk__in=batch).update(active=False, updated_at=now)
    if gone:
        bump_stamp("catalog", tenant=tenant)
    return len(gone)


def _is_ours(adapter: Adapter) -> bool:
    return any(f"{kind.__module__}.{kind.__qualname__}" == CATALOG for kind in type(adapter).__mro__)
