"""Items that nothing happened to: recommenders that need no event learn from them, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personalization.learning.preprocess import Prepared
from personalization.store.item_catalog import read_catalog

if TYPE_CHECKING:
    from personalization.engine.recommenders.base import Recommender


def needs_whole_catalog(recommender: Recommender) -> bool:
    """Whether it says so: ``whole_catalog = True`` in its class."""
    return bool(getattr(recommender, "whole_catalog", False))


def with_whole_catalog(prepared: Prepared, *, tenant: str) -> Prepared:
    """The same interactions among all items of the tenant, the newest first, with what is known of each. What happened to
    an item whose row is gone meanwhile is left out."""
    items = read_catalog(tenant=tenant, pictures=True)
    places = {pk: row for row, pk in enumerate(items.ids.tolist())}
    rows = np.array([places.get(pk, -1) for pk in prepared.item_ids.tolist()], np.int32)
    moved = rows[prepared.interactions.items]
    kept = moved >= 0
    as_of = prepared.interactions.as_of
    interactions = replace(
        prepared.interactions.take(kept),
        items=moved[kept],
        n_items=len(places),
        catalog=items.catalog if as_of is None else items.catalog.as_of(as_of),
    )
    return Prepared(interactions, items.ids, prepared.visitor_ids)
