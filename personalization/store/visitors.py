"""Who acts: identities ⇄ visitor rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import connections, router
from django.utils.crypto import salted_hmac

from personalization.conf import settings
from personalization.engine import ids
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Identity as IdentityRow
from personalization.models import Visitor
from personalization.store.bulk import batches, insert_rows
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: How many digests one SELECT asks for; SQLite takes 999 parameters.
LOOKUP: Final = 500


def identity_digest(identity: Identity) -> bytes:
    """The unique key of an identity. E-mail: a keyed hash of the folded address, which cannot be guessed back."""
    return identity_digests(identity)[0]


def find_visitor(identity: Identity, *, tenant: str) -> int | None:
    """The visitor of an identity, None while nothing is known of it."""
    return _find({identity.key: identity_digests(identity)}, identity.kind, tenant).get(identity.key)


def ensure_visitors(kind: IdentityKind, keys: Collection[str], *, tenant: str, now: int) -> dict[str, int]:
    """Visitor ids by key; keys that nobody has used yet get a new visitor. Safe when two processes do the same."""
    digests = {key: identity_digests(Identity(kind, key)) for key in keys}
    known = _find(digests, kind, tenant)
    missing = {digests[key][0]: key for key in digests if key not in known}
    if missing:
        work = partial(_create, kind, missing, tenant, now)
        created = in_transaction(work, using=router.db_for_write(Visitor))
        known |= {key: created[digests[key][0]] for key in digests if key not in known}
    return known


def create_visitors(count: int, *, tenant: str, now: int) -> list[int]:
    """New visitors that nothing is known of and nothing leads to."""
    visitors = [Visitor(tenant=tenant, created_at=now) for _ in range(count)]
    if connections[router.db_for_write(Visitor)].features.can_return_rows_from_bulk_insert:
        return [visitor.pk for visitor in Visitor.objects.bulk_create(visitors, batch_size=1000)]
    for visitor in visitors:  # MySQL 8 cannot say which ids several new rows got
        visitor.save(force_insert=True)
    return [visitor.pk for visitor in visitors]


def drop_visitors(visitors: Collection[int]) -> None:
    """Take back visitors that nothing refers to."""
    for batch in batches(visitors, LOOKUP):
        Visitor.objects.filter(pk__in=batch).delete()


def identity_digests(identity: Identity) -> list[bytes]:
    """The digest under which an identity is stored, then those under which older secret keys stored it."""
    if identity.kind != IdentityKind.EMAIL:
        return [ids.digest(identity.key)]
    address = identity.key.strip().casefold()
    return [
        salted_hmac("personalization.identity.email", address, secret, algorithm="sha256").digest()[
            : ids.DIGEST_SIZE
        ]
        for secret in settings.secret_keys
    ]


def _find(digests: Mapping[str, list[bytes]], kind: IdentityKind, tenant: str) -> dict[str, int]:
    wanted = {digest for candidates in digests.values() for digest in candidates}
    visitors = _visitor_ids(kind, wanted, tenant)
    found = (
        (key, next((d for d in candidates if d in visitors), None)) for key, candidates in digests.items()
    )
    return {key: visitors[digest] for key, digest in found if digest is not None}


def _visitor_ids(
    kind: IdentityKind, digests: Collection[bytes], tenant: str, *, newest: bool = False
) -> dict[bytes, int]:
    """Visitor ids by digest. ``newest`` reads past an older snapshot of this transaction."""
    rows = IdentityRow.objects.filter(tenant=tenant, kind=kind)
    rows = rows.select_for_update() if newest else rows
    return {
        bytes(digest): visitor
        for batch in batches(digests, LOOKUP)
        for digest, visitor in rows.filter(digest__in=batch).values_list("digest", "visitor_id")
    }


def _create(kind: IdentityKind, missing: Mapping[bytes, str], tenant: str, now: int) -> dict[bytes, int]:
    # In one order everywhere, so that two writers cannot lock each other out.
    created = dict(zip(sorted(missing), create_visitors(len(missing), tenant=tenant, now=now), strict=True))
    stored = insert_rows(
        IdentityRow,
        ("tenant", "kind", "digest", "key", "visitor_id"),
        [
            (tenant, int(kind), digest, "" if kind == IdentityKind.EMAIL else missing[digest], visitor)
            for digest, visitor in created.items()
        ],
        ignore_conflicts=True,
    )
    return created if stored == len(created) else _yield_to_others(kind, created, tenant)


def _yield_to_others(kind: IdentityKind, created: Mapping[bytes, int], tenant: str) -> dict[bytes, int]:
    """Somebody else was first with some of them: take theirs, and drop the visitors that nobody refers to."""
    actual = _visitor_ids(kind, created.keys(), tenant, newest=True)
    drop_visitors(set(created.values()) - set(actual.values()))
    return actual
