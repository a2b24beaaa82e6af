"""What our rows say of people before something is written about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from personalization.conf import settings
from personalization.engine import ids
from personalization.engine.instants import to_micros
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Erasure, Visitor
from personalization.models import Identity as IdentityRow
from personalization.store.bulk import batches
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Collection

Choice = Visitor.Choice

LOOKUP: Final = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one identity.

    ``visitor``: its visitor, None when it has no row. ``person``: the visitor that stands for its person, itself when
    there is no other. ``choice``: that person's. ``erased_at``: UTC microseconds of the last erasure.
    """

    visitor: int | None = None
    person: int | None = None
    choice: int = Choice.NONE
    erased_at: int | None = None

    @property
    def joined(self) -> bool:
        """Whether the visitor was found to belong to somebody."""
        return self.person != self.visitor


def find_standings(kind: IdentityKind, keys: Collection[str], *, tenant: str) -> dict[str, Standing]:
    """By key; keys that nothing is known of are left out."""
    digests = {digest: key for key in keys for digest in identity_digests(Identity(kind, key))}
    people = Coalesce("visitor__person_id", "visitor_id")
    rows = IdentityRow.objects.filter(tenant=tenant, kind=kind).annotate(owner=people)
    found: dict[str, Standing] = {}
    for batch in batches(digests, LOOKUP):
        values = rows.filter(digest__in=batch).values_list(
            "digest", "visitor_id", "owner", Coalesce(F("visitor__person__choice"), F("visitor__choice"))
        )
        for digest, visitor, person, choice in values:
            found.setdefault(digests[bytes(digest)], Standing(visitor, person, choice))
    for key, instant in _erasures(kind, keys, tenant).items():
        found[key] = replace(found.get(key, Standing()), erased_at=instant)
    return found


def erasure_digests(identity: Identity) -> list[bytes]:
    """Under which an erasure is kept: keyed hashes, by the newest secret key first."""
    address = identity.key.strip().casefold() if identity.kind == IdentityKind.EMAIL else identity.key
    text = f"{int(identity.kind)}:{address}"
    return [
        salted_hmac("personalization.erasure", text, secret, algorithm="sha256").digest()[: ids.DIGEST_SIZE]
        for secret in settings.secret_keys
    ]


def _erasures(kind: IdentityKind, keys: Collection[str], tenant: str) -> dict[str, int]:
    rows = Erasure.objects.filter(tenant=tenant, kind=kind)
    if len(keys) > 1 and not rows.exists():
        return {}  # most shops: spare the hashing of thousands of keys
    digests = {digest: key for key in keys for digest in erasure_digests(Identity(kind, key))}
    found: dict[str, int] = {}
    for batch in batches(digests, LOOKUP):
        for digest, instant in rows.filter(digest__in=batch).values_list("digest", "erased_at"):
            key = digests[bytes(digest)]
            found[key] = max(found.get(key, 0), to_micros(instant))
    return found
