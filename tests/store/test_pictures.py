"""What pictures look like, from what an adapter tells to the catalog that is learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.store.item_catalog import read_catalog
from personalization.store.items import IMPORTED, upsert_items
from personalization.store.pictures import LONGEST

pytestmark = pytest.mark.django_db

NOW = 1_700_000_000_000_000


def store(**looks: Any) -> None:
    records = [ItemRecord(key, picture_descriptor=look) for key, look in looks.items()]
    upsert_items(records, tenant="", origin=IMPORTED, now=NOW)


def looks() -> dict[str, list[float]] | None:
    read = read_catalog(tenant="", pictures=True)
    pictures = read.catalog.pictures
    return None if pictures is None else dict(zip(read.keys, pictures.tolist(), strict=True))


def test_what_was_told_is_learned_from() -> None:
    store(a=(0.5, 0.25, 1.0), b=())
    assert looks() == {"a": [0.5, 0.25, 1.0], "b": [0, 0, 0]}
    assert read_catalog(tenant="").catalog.pictures is None  # pages do without


def test_where_nobody_tells_there_are_none() -> None:
    store(a=(), b=())
    assert looks() is None


def test_descriptors_of_another_length_than_most_are_not_compared() -> None:
    store(a=(1.0, 2.0), b=(1.0,), c=(3.0, 4.0), d=(1.0, 2.0, 3.0))
    assert looks() == {"a": [1, 2], "b": [0, 0], "c": [3, 4], "d": [0, 0]}


@pytest.mark.parametrize(
    "wrong",
    [(np.nan, 1.0), (np.inf,), (1e39,), ("a",), (None, 1.0), ((1.0,), (2.0,)), (0.0,) * (LONGEST + 1)],
)
def test_what_is_no_descriptor_is_unknown(wrong: Any) -> None:
    store(a=wrong)
    assert Item.objects.get().picture_descriptor is None


def test_a_picture_that_stays_is_not_written_again() -> None:
    store(a=(0.5, 0.25))
    upsert_items([ItemRecord("a", picture_descriptor=(0.5, 0.25))], tenant="", origin=IMPORTED, now=NOW + 1)
    assert Item.objects.get().updated_at.timestamp() * 1e6 == NOW
    upsert_items([ItemRecord("a", picture_descriptor=(0.5, 0.5))], tenant="", origin=IMPORTED, now=NOW + 1)
    assert looks() == {"a": [0.5, 0.5]}
