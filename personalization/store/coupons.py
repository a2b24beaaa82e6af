"""Coupons: codes as people type them ⇄ rows."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import router

from personalization.engine import ids
from personalization.engine.instants import to_micros
from personalization.models import Coupon
from personalization.store.bulk import batches, insert_rows

if TYPE_CHECKING:
    from collections.abc import Collection

State = Coupon.State

#: The longest code, in characters, as it is stored and after it was normalized.
CODE_LENGTH: Final = 64

_LOOKUP: Final = 500
_SEPARATORS: Final = frozenset("-_\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}")
_COLUMNS: Final = (
    "tenant",
    "promotion_id",
    "code",
    "digest",
    "limit",
    "taken",
    "owner_id",
    "owned",
    "expires_at",
    "state",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class StoredCoupon:
    """A coupon. ``owned``: it is for its owner alone, also when that visitor is gone and ``owner`` is None."""

    id: int
    promotion: int
    code: str
    limit: int | None
    taken: int
    owner: int | None
    owned: bool
    expires_at: int | None
    state: State


@dataclass(frozen=True, slots=True)
class NewCoupons:
    """What coupons that are issued together have in common. ``limit``: how often each may be used, None without end;
    ``expires_at``: UTC microseconds."""

    promotion: int
    limit: int | None = 1
    owner: int | None = None
    expires_at: int | None = None


def normalize_code(text: str) -> str:
    """A code as codes are compared: NFKC, case folded, without spaces, dashes and underscores.

    Letters that only look alike stay apart: whoever reads ``O`` for ``0`` has another code. '' when nothing is left, or
    what is left cannot be a code.
    """
    if not 0 < len(text) <= 4 * CODE_LENGTH or not ids.is_key(text):
        return ""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    code = "".join([sign for sign in folded if not sign.isspace() and sign not in _SEPARATORS])
    return code if code.isprintable() and len(code) <= CODE_LENGTH else ""


def find_coupons(codes: Collection[str], *, tenant: str) -> dict[str, StoredCoupon]:
    """Coupons by normalized code; codes that nobody has issued are left out."""
    digests = {ids.digest(code): code for code in codes}
    return {
        digests[bytes(row.digest)]: stored_coupon(row)
        for batch in batches(digests, _LOOKUP)
        for row in Coupon.objects.filter(tenant=tenant, digest__in=batch)
    }


def add_coupons(codes: Collection[str], new: NewCoupons, *, tenant: str, now: int) -> int:
    """Store codes; those that exist already are left out. How many are new."""
    rows = [
        (
            tenant,
            new.promotion,
            code,
            ids.digest(normalize_code(code)),
            new.limit,
            0,
            new.owner,
            new.owner is not None,
            new.expires_at,
            State.ACTIVE.value,
            now,
        )
        for code in codes
    ]
    return insert_rows(Coupon, _COLUMNS, rows, ignore_conflicts=True)


def count_coupons(prefix: str, length: int, *, tenant: str) -> int:
    """How many codes of a length begin with a text, as they are compared."""
    rows = Coupon.objects.filter(tenant=tenant, code__istartswith=prefix)
    return sum(len(normalize_code(code)) == length for code in rows.values_list("code", flat=True).iterator())


def revoke_coupon(coupon: int, *, tenant: str) -> bool:
    """From now on nobody can reserve with it; what is reserved already may be redeemed. Whether it was active."""
    active = Coupon.objects.filter(pk=coupon, tenant=tenant, state=State.ACTIVE)
    return active.update(state=State.REVOKED) > 0


def coupons_database() -> str:
    """Where coupons are written."""
    return router.db_for_write(Coupon)


def stored_coupon(row: Coupon) -> StoredCoupon:
    """A row as it is read."""
    return StoredCoupon(
        id=row.pk,
        promotion=row.promotion_id,
        code=row.code,
        limit=row.limit,
        taken=row.taken,
        owner=row.owner_id,
        owned=row.owned,
        expires_at=None if row.expires_at is None else to_micros(row.expires_at),
        state=State(row.state),
    )
