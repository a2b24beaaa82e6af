"""A small shop whose builds are written by hand: what the tests of serving look at."""

from __future__ import annotations

import numpy as np

from personalization.engine.tables import Ranking, SparseRows, Tables
from personalization.engine.types import Identity, IdentityKind, ItemRecord, Kind, Query
from personalization.models import Item, Visitor
from personalization.serving import recommend
from personalization.store.builds import NewBuild, create_build, publish_build, write_tables
from personalization.store.events import EventRow, Source, append_events, event_digest
from personalization.store.items import item_ids, upsert_items
from personalization.store.visitors import ensure_visitors

NOW = 1_700_000_000_000_000
MINUTE = 60_000_000
CATALOG = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
ANNA = Identity(IdentityKind.USER, "anna")


def sparse(n_items, rows):
    """SparseRows of {row: {column: value}}."""
    pairs = [sorted(rows.get(row, {}).items(), key=lambda pair: -pair[1]) for row in range(n_items)]
    flat = [pair for row in pairs for pair in row]
    return SparseRows(
        np.cumsum([0, *map(len, pairs)], dtype=np.int64),
        np.array([column for column, _ in flat], np.int32),
        np.array([value for _, value in flat], np.float32),
    )


class Shop:
    """Items with one-letter keys, builds of them, and visitors who do things a minute apart."""

    def __init__(self, keys="abcdefgh", tenant=""):
        self.tenant = tenant
        self.clock = NOW - 10_000 * MINUTE
        self.builds = 0
        self.stock(keys)

    def stock(self, keys, **fields):
        records = [
            ItemRecord(key=key, title=f"Item {key}", price="9.50", currency="EUR", url=f"/p/{key}", **fields)
            for key in keys
        ]
        for record in records:  # one by one: ids tell which is newer
            upsert_items([record], tenant=self.tenant, origin=Item.Origin.IMPORT, now=NOW)

    def publish(
        self,
        alias,
        *,
        keys="abcdefgh",
        weights=None,
        neighbors=None,
        ranking="",
        prior_share=0.0,
        visitors=None,
        repeats=None,
        as_of=NOW,
    ):
        """A live build; weights and neighbors are {key: {key: value}}, ranking is keys, best first; visitors and
        repeats are {identity: {key: value}}."""
        self.builds += 1
        ids = item_ids(keys, tenant=self.tenant)
        place = {key: row for row, key in enumerate(keys)}

        def table(content):
            if content is None:
                return None
            rows = {place[k]: {place[t]: v for t, v in row.items()} for k, row in content.items()}
            return sparse(len(keys), rows)

        people = {identity: self.visitor(identity) for identity in {**(visitors or {}), **(repeats or {})}}

        def lists(content):
            if content is None:
                return None
            numbered = {n: content.get(identity, {}) for n, identity in enumerate(people)}
            return sparse(
                len(people), {n: {place[t]: v for t, v in row.items()} for n, row in numbered.items()}
            )

        tables = Tables(
            visitors=lists(visitors),
            repeats=lists(repeats),
            neighbors=table(neighbors),
            weights=table(weights),
            ranking=Ranking(
                np.array([place[key] for key in ranking], np.int32),
                np.linspace(1, 0.5, len(ranking)).astype(np.float32),
            )
            if ranking
            else None,
            prior_share=prior_share,
        )
        now = NOW - 1000 + self.builds
        build = create_build(
            NewBuild(alias=alias, as_of=as_of, tenant=self.tenant, prior_share=prior_share), now=now
        )
        write_tables(
            build,
            tables,
            np.array([ids[key] for key in keys], np.int32),
            visitor_ids=np.array(list(people.values()), np.int64),
        )
        publish_build(build, now=now)
        return build

    def visitor(self, identity=ANNA):
        found = ensure_visitors(identity.kind, [identity.key], tenant=self.tenant, now=NOW)
        return found[identity.key]

    def join(self, visitor, person):
        Visitor.objects.filter(pk=visitor).update(person_id=person)

    def does(self, kind, keys, *, identity=ANNA, quantity="1", flags=0):
        """Events on each key, each a minute after the last."""
        visitor, ids = self.visitor(identity), item_ids(keys, tenant=self.tenant)
        rows = []
        for key in keys:
            self.clock += MINUTE
            digest = event_digest(
                tenant=self.tenant, source=Source.CODE, visitor=visitor, client_id=f"{kind}{key}{self.clock}"
            )
            rows.append(
                EventRow(digest, int(kind), visitor, ids[key], self.clock, quantity=quantity, flags=flags)
            )
        append_events(rows, tenant=self.tenant, source=Source.CODE, now=self.clock)

    def buys(self, keys, **options):
        self.does(Kind.PURCHASE, keys, **options)

    def ask(self, slot="for_you", *, item=(), count=3, identity=ANNA, request=None, now=NOW, **options):
        query = Query(
            slot, now, count=count, identity=identity, items=tuple(item), tenant=self.tenant, **options
        )
        return recommend(query, request=request)


def keys(answer):
    return "".join(item.key for item in answer.items)


def reasons(answer):
    return {item.key: (item.reason.code.value, "".join(item.reason.evidence)) for item in answer.items}
