"""Starting, pausing and archiving promotions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from personalization.admin.editing import now_micros
from personalization.admin.promotion_warnings import warnings_of
from personalization.admin.states import StatesAdmin, verbs_of
from personalization.models import Promotion
from personalization.registry import get_vocabulary
from personalization.store.promotion_content import PromotionContent
from personalization.store.promotions import save_promotion, stop_promotion

if TYPE_CHECKING:
    from personalization.admin.warnings import Warned

State = Promotion.State


class PromotionStates(StatesAdmin):
    """The buttons of a promotion's page."""

    state_verbs = verbs_of(Promotion, State.RUNNING)
    working = State.RUNNING
    unusable = _("This promotion cannot be used as it is: %(reason)s")

    def row_warnings(self, row: Any) -> list[Warned]:
        return warnings_of(PromotionContent.of_row(row), now=now_micros())

    def start(self, row: Any, *, author: str) -> None:
        save_promotion(
            replace(PromotionContent.of_row(row), state=State.RUNNING),
            promotion=row.pk,
            vocabulary=get_vocabulary(),
            expected_version=row.version,
            author=author,
            tenant=row.tenant,
            now=now_micros(),
        )

    def stop(self, row: Any, state: Any, *, author: str) -> None:
        stop_promotion(
            row.pk, state, expected_version=row.version, author=author, tenant=row.tenant, now=now_micros()
        )
