"""What our rows say of people before something is written about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from personalization.engine.types import Identity
from personalization.models import Identity as IdentityRow
from personalization.models import Visitor
from personalization.store.erasures import find_erasures
from personalization.store.lookup import look_up
from personalization.store.removal import share_people
from personalization.store.visitors import identity_digests

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalization.engine.types import IdentityKind

Choice = Visitor.Choice

_VISITORS: Final = Visitor._meta.db_table
_STANDINGS: Final = f"""
SELECT d.digest, v.id, COALESCE(v.person_id, v.id), COALESCE(p.choice, v.choice)
FROM {IdentityRow._meta.db_table} d JOIN {_VISITORS} v ON v.id = d.visitor_id
LEFT JOIN {_VISITORS} p ON p.id = v.person_id
WHERE d.tenant = %s AND d.kind = %s AND d.digest IN"""


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
    """By key; keys that nothing is known of are left out.

    Asked inside the transaction that writes, the answer holds until that ends: nobody is erased meanwhile.
    """
    share_people()
    digests = {key: identity_digests(Identity(kind, key)) for key in keys}
    rows = _rows(kind, {digest for candidates in digests.values() for digest in candidates}, tenant)
    erased = find_erasures(kind, keys, tenant=tenant)
    found: dict[str, Standing] = {}
    for key, candidates in digests.items():
        standing = next((rows[digest] for digest in candidates if digest in rows), None)
        if key in erased:
            standing = replace(standing or Standing(), erased_at=erased[key])
        if standing is not None:
            found[key] = standing
    return found


def _rows(kind: IdentityKind, digests: Collection[bytes], tenant: str) -> dict[bytes, Standing]:
    rows = look_up(IdentityRow, _STANDINGS, [tenant, int(kind)], digests)
    return {bytes(digest): Standing(*rest) for digest, *rest in rows}
