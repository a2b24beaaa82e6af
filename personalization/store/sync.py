"""The host's catalog → our item rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import CATALOG, get_adapter
from personalization.engine.ids import is_key
from personalization.models import Item
from personalization.store.bulk import batches
from personalization.store.items import Stored, upsert_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalization.adapters import Adapter

_BATCH: Final = 2_000


def sync_items(*, tenant: str, now: int, beat: Callable[[], None] = lambda: None) -> Stored:
    """Store what the host's adapter says of every product; nothing to do when the catalog is ours already.

    ``beat`` is called after each batch. Products whose key no database could hold are left out.
    """
    adapter = get_adapter()
    stored = updated = 0
    if not _is_ours(adapter):
        usable = (record for record in adapter.iter_items(tenant) if is_key(record.key))
        for batch in batches(usable, _BATCH):
            done = upsert_items(batch, tenant=tenant, origin=Item.Origin.ADAPTER, now=now)
            stored, updated = stored + done.stored, updated + done.updated
            beat()
    return Stored(stored, updated)


def _is_ours(adapter: Adapter) -> bool:
    return any(f"{kind.__module__}.{kind.__qualname__}" == CATALOG for kind in type(adapter).__mro__)
