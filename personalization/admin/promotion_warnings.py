"""What is doubtful about a promotion: it may give away more than was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from personalization.admin.promotion_form import RULE, TARGETS
from personalization.admin.warnings import Warned, doubts_of
from personalization.engine.promotions import PercentOff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.store.promotion_content import PromotionContent


def warnings_of(content: PromotionContent, *, now: int) -> list[Warned]:
    """Everything that whoever starts it must have seen. The rules must be valid."""
    rules = {"targets": (content.targets, TARGETS), "rule": (content.rule, RULE)}
    return [*_generous(content), *_endless(content, now), *doubts_of(rules)]


def _generous(content: PromotionContent) -> Iterator[Warned]:
    if isinstance(content.benefit, PercentOff):
        if content.benefit.percent == 100:
            yield Warned("free", gettext("The discounted items cost nothing any more."))
        if content.benefit.cap is None:
            yield Warned("no_cap", gettext("There is no cap: the more a cart costs, the more is given."))
    if not content.rule and not content.needs_code:
        yield Warned(
            "everyone", gettext("Everybody gets it: there are no conditions, and no code is needed.")
        )


def _endless(content: PromotionContent, now: int) -> Iterator[Warned]:
    if content.limit_total is None:
        yield Warned("no_limit", gettext("There is no limit: it can be used any number of times."))
    if content.ends_at is None:
        yield Warned("no_end", gettext("It has no end."))
    elif content.ends_at <= now:
        yield Warned("over", gettext("Its end is over: nobody will get it."))
