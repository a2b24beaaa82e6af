"""Promotions: rows ⇄ contents, saved one version after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from django.db import router

from personalization.exceptions import InvalidInputError
from personalization.models import Promotion
from personalization.store.promotion_content import PromotionContent, State, checked_promotion
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction
from personalization.store.versions import RULES, ConflictError, Kind, Saved, add_version, find_version

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary


@dataclass(frozen=True, slots=True)
class StoredPromotion:
    """A promotion as it stands. ``taken``: how many redemptions hold or have used it."""

    id: int
    version: int
    taken: int
    content: PromotionContent


def find_promotion(promotion: int, *, tenant: str) -> StoredPromotion | None:
    """A promotion of this tenant."""
    row = Promotion.objects.filter(pk=promotion, tenant=tenant).first()
    if row is None:
        return None
    return StoredPromotion(row.pk, row.version, row.taken, PromotionContent.of_row(row))


def save_promotion(
    content: PromotionContent,
    *,
    promotion: int | None = None,
    vocabulary: Vocabulary,
    expected_version: int = 0,
    author: str,
    tenant: str = "",
    now: int,
) -> Saved:
    """Store a promotion, a new one without an id, and write down the version.

    A limit may be lowered below what is taken already: nothing is taken back, there is just no further use. A promotion
    with redemptions is never deleted, its state becomes archived. Raises InvalidInputError, and ConflictError when it
    no longer has the expected version.
    """
    checked = checked_promotion(content, vocabulary)
    work = partial(_save, checked, promotion, expected_version, tenant, author, now)
    return in_transaction(work, using=router.db_for_write(Promotion))


def stop_promotion(
    promotion: int, state: State, *, expected_version: int, author: str, tenant: str = "", now: int
) -> Saved:
    """Pause or archive a promotion, also one whose rule can no longer be read.

    Raises InvalidInputError naming ``state`` or ``promotion``, and ConflictError.
    """
    if state not in {State.PAUSED, State.ARCHIVED}:
        raise InvalidInputError("state", "expected paused or archived")
    stored = find_promotion(promotion, tenant=tenant)
    if stored is None:
        raise InvalidInputError("promotion", f"there is no promotion #{promotion}")
    work = partial(
        _save, replace(stored.content, state=state), promotion, expected_version, tenant, author, now
    )
    return in_transaction(work, using=router.db_for_write(Promotion))


def restore_promotion(
    promotion: int,
    number: int,
    *,
    vocabulary: Vocabulary,
    expected_version: int,
    author: str,
    tenant: str = "",
    now: int,
) -> Saved:
    """Save what a promotion was in an earlier version as its newest one. Raises as `save_promotion`."""
    old = find_version(Kind.PROMOTION, promotion, number, tenant=tenant)
    if old is None:
        raise InvalidInputError("number", f"the promotion #{promotion} has no version {number}")
    return save_promotion(
        PromotionContent.from_json(old.content),
        promotion=promotion,
        vocabulary=vocabulary,
        expected_version=expected_version,
        author=author,
        tenant=tenant,
        now=now,
    )


def _save(
    content: PromotionContent, promotion: int | None, expected: int, tenant: str, author: str, now: int
) -> Saved:
    if promotion is None:
        saved = _create(content, tenant, now)
    else:
        saved = _change(content, promotion, expected, tenant, now)
    add_version(
        Kind.PROMOTION, saved.id, saved.version, content.to_json(), tenant=tenant, author=author, now=now
    )
    bump_stamp(RULES, tenant=tenant, at=now)
    return saved


def _create(content: PromotionContent, tenant: str, now: int) -> Saved:
    row = Promotion.objects.create(tenant=tenant, created_at=now, updated_at=now, **content.columns())
    return Saved(row.pk, row.version)


def _change(content: PromotionContent, promotion: int, expected: int, tenant: str, now: int) -> Saved:
    row = Promotion.objects.filter(pk=promotion, tenant=tenant, version=expected)
    if not row.update(version=expected + 1, updated_at=now, **content.columns()):
        raise ConflictError(f"the promotion #{promotion} is no longer at version {expected}")
    return Saved(promotion, expected + 1)
