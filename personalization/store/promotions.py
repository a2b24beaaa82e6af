"""Promotions, saved one version after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.models import Promotion
from personalization.store.promotion_content import PromotionContent, State, checked_promotion
from personalization.store.versioned import VersionedRows
from personalization.store.versions import Kind

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary


def _checked(content: PromotionContent, vocabulary: Vocabulary, _tenant: str) -> PromotionContent:
    return checked_promotion(content, vocabulary)


#: A limit may be lowered below what is taken already: nothing is taken back, there is just no further use. A promotion
#: with redemptions is never deleted, its state becomes archived.
PROMOTIONS: Final = VersionedRows(Kind.PROMOTION, Promotion, PromotionContent, State.RUNNING, _checked)
