"""The list of who was erased: what comes late, or from a backup, must not bring them back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db.models import Max
from django.utils.crypto import salted_hmac

from personalization.conf import settings
from personalization.engine.ids import DIGEST_SIZE
from personalization.engine.instants import to_micros
from personalization.engine.types import Identity
from personalization.models import Erasure
from personalization.models import Identity as IdentityRow
from personalization.store.bulk import batches, insert_rows
from personalization.store.lookup import look_up
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from personalization.engine.types import IdentityKind

LOOKUP: Final = 500
_BLOCK: Final = 5_000
_ERASED: Final = (
    f"SELECT digest, erased_at FROM {Erasure._meta.db_table} WHERE tenant = %s AND kind = %s AND digest IN"
)


class Tombstone(NamedTuple):
    """Somebody was erased. ``erased_at``: UTC microseconds; what happened until then must not be stored again."""

    tenant: str
    kind: int
    digest: bytes
    erased_at: int


def erasure_digests(identity: Identity) -> list[bytes]:
    """Under which an erasure may stand in the list: keyed hashes, the one to write first."""
    return [
        erasure_digest(identity.kind, digest, secret)
        for secret in settings.secret_keys
        for digest in identity_digests(identity)
    ]


@lru_cache(maxsize=4096)
def erasure_digest(kind: int, digest: bytes, secret: str) -> bytes:
    """The keyed hash of an identity's own digest: so that an address, whose text we do not have, has one too."""
    text = f"{int(kind)}:{digest.hex()}"
    return salted_hmac("personalization.erasure", text, secret, algorithm="sha256").digest()[:DIGEST_SIZE]


def key_check() -> list[str]:
    """What tells under which secret keys a list was written; the newest first."""
    return [
        salted_hmac("personalization.erasure", "check", secret, algorithm="sha256").hexdigest()[:16]
        for secret in settings.secret_keys
    ]


def tombstones_of(identities: Iterable[Identity], *, tenant: str, now: int) -> set[Tombstone]:
    """What is noted of these identities, whether or not they were ever stored."""
    secret = settings.secret_keys[0]
    return {
        Tombstone(tenant, int(identity.kind), erasure_digest(identity.kind, digest, secret), now)
        for identity in identities
        for digest in identity_digests(identity)
    }


def tombstones_of_visitors(visitors: Collection[int], *, now: int) -> set[Tombstone]:
    """What is noted of every identity of these visitors."""
    secret = settings.secret_keys[0]
    rows = IdentityRow.objects.filter(visitor_id__in=visitors).values_list("tenant", "kind", "digest")
    return {
        Tombstone(tenant, kind, erasure_digest(kind, bytes(digest), secret), now)
        for tenant, kind, digest in rows
    }


def note_erasures(tombstones: Collection[Tombstone]) -> int:
    """Put them on the list; the later of two instants holds. How many are new. Call it alone with people."""
    new = insert_rows(Erasure, Tombstone._fields, sorted(tombstones), ignore_conflicts=True)
    if new < len(tombstones):
        for stone in tombstones:
            earlier = Erasure.objects.filter(tenant=stone.tenant, kind=stone.kind, digest=stone.digest)
            earlier.filter(erased_at__lt=stone.erased_at).update(erased_at=stone.erased_at)
    return new


def find_erasures(kind: IdentityKind, keys: Collection[str], *, tenant: str) -> dict[str, int]:
    """When the owners of these keys were last erased (UTC microseconds); keys of others are left out."""
    if len(keys) > 1 and not Erasure.objects.filter(tenant=tenant, kind=kind).exists():
        return {}  # most shops: spare the hashing of thousands of keys
    digests = {key: erasure_digests(Identity(kind, key)) for key in keys}
    wanted = {digest for candidates in digests.values() for digest in candidates}
    listed = look_up(Erasure, _ERASED, [tenant, int(kind)], wanted)
    erased: dict[bytes, int] = {bytes(digest): instant for digest, instant in listed}
    latest = {
        key: max((erased[digest] for digest in candidates if digest in erased), default=None)
        for key, candidates in digests.items()
    }
    return {key: instant for key, instant in latest.items() if instant is not None}


def iter_erasures() -> Iterator[Tombstone]:
    """The whole list, oldest entry first."""
    last = 0
    fields = ("pk", *Tombstone._fields)
    while rows := list(Erasure.objects.filter(pk__gt=last).order_by("pk").values_list(*fields)[:_BLOCK]):
        last = rows[-1][0]
        for _, tenant, kind, digest, instant in rows:
            yield Tombstone(tenant, kind, bytes(digest), to_micros(instant))


def risen_visitors() -> Iterator[tuple[int, int]]:
    """Visitors on the list that are here again from before they were erased, as after a restored backup: (visitor,
    when it was erased)."""
    highest = IdentityRow.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, highest, _BLOCK):
        rows = IdentityRow.objects.filter(pk__gt=start, pk__lte=start + _BLOCK)
        yield from _risen(rows.values_list("tenant", "kind", "digest", "visitor_id", "visitor__created_at"))


def _risen(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, int]]:
    secrets = settings.secret_keys
    known = {
        (tenant, kind, erasure_digest(kind, bytes(digest), secret)): (visitor, created)
        for tenant, kind, digest, visitor, created in rows
        for secret in secrets
    }
    for batch in batches(known, LOOKUP):
        listed = Erasure.objects.filter(digest__in=[digest for _, _, digest in batch])
        for tenant, kind, digest, instant in listed.values_list(*Tombstone._fields):
            visitor, created = known.get((tenant, kind, bytes(digest)), (None, None))
            if visitor is not None and created <= instant:
                yield visitor, to_micros(instant)
