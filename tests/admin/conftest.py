"""A little of everything that the admin shows, and people with and without permissions."""

from __future__ import annotations

import time
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from personalization.engine.types import IdentityKind, ItemRecord, Kind
from personalization.models import Erasure, Item, ViewedItem
from personalization.store.builds import BuildCost, NewBuild, create_build, publish_build
from personalization.store.events import EventRow, Source, append_events
from personalization.store.items import item_ids, upsert_items
from personalization.store.ratings import StoredRating, save_rating
from personalization.store.runs import request_run
from personalization.store.visitors import ensure_visitors
from tests.people import make_chief, make_person

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = time.time_ns() // 1000
_staff = count()
XSS = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
def rows(db: None) -> SimpleNamespace:
    """Three visitors who rated, viewed and bought two items; two builds of one recommender; a run."""
    records = [ItemRecord("mug", title=XSS, tags=("a", "b")), ItemRecord("jug", title=FORMULA)]
    upsert_items(records, tenant="", origin=Item.Origin.IMPORT, now=NOW)
    items = item_ids(["mug", "jug"], tenant="")
    visitors = ensure_visitors(IdentityKind.USER, ["ann", "bob", XSS], tenant="", now=NOW)
    for key, visitor in visitors.items():
        rating = StoredRating("mug", value=4, low=1, high=5, text=XSS, rated_at=NOW)
        save_rating(rating, visitor=visitor, item=items["mug"], tenant="")
        ViewedItem.objects.create(
            visitor_id=visitor, item_id=items["jug"], first_viewed_at=NOW, last_viewed_at=NOW
        )
        event = EventRow(
            digest=key.encode()[:16],
            kind=Kind.PURCHASE,
            visitor=visitor,
            item=items["jug"],
            occurred_at=NOW,
            flags=3,
        )
        append_events([event], tenant="", source=Source.IMPORT, now=NOW)
    Erasure.objects.create(kind=IdentityKind.USER, digest=b"e" * 16, erased_at=NOW)
    older, newer = (create_build(NewBuild(alias="auto", as_of=NOW, items=2), now=NOW) for _ in range(2))
    metrics = {"ndcg@10": 0.1337, "popularity": {"ndcg@10": 0.0571}, "visitors": 99}
    for build in (older, newer):
        publish_build(build, now=NOW, cost=BuildCost(seconds=2.5, metrics=metrics))
    unfinished = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
    run = request_run("evaluate", tenant="", now=NOW).run
    return SimpleNamespace(older=older, newer=newer, unfinished=unfinished, run=run)


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """A signed-in member of staff with exactly these permissions."""

    def make(*codenames: str, **options: Any) -> Client:
        user = make_person(f"staff{next(_staff)}", is_staff=True)
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="personalization", codename__in=codenames)
        )
        client = Client(**options)
        client.force_login(user)
        return client

    return make


@pytest.fixture
def chief(db: None) -> Client:
    client = Client()
    client.force_login(make_chief())
    return client
