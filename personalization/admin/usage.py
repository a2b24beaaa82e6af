"""Where a segment is used: what changes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from personalization.engine.rules import InvalidRuleError, Scope, read_rule
from personalization.models import Campaign, Promotion, Segment
from personalization.registry import get_vocabulary

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_MODELS: Final[tuple[Any, ...]] = (Campaign, Promotion, Segment)


@dataclass(frozen=True, slots=True)
class Use:
    """A rule that names a segment."""

    kind: str | _StrPromise
    title: str
    url: str


def uses_of_segment(name: str, tenant: str) -> list[Use]:
    """The campaigns, promotions and other segments whose rules name it."""
    return [
        Use(
            model._meta.verbose_name,
            str(row),
            reverse(f"admin:personalization_{model._meta.model_name}_change", args=[row.pk]),
        )
        for model in _MODELS
        for row in model.objects.filter(tenant=tenant, rule__contains=f'"{name}"').order_by("pk")
        if _names(row.rule, name)
    ]


def _names(text: str, segment: str) -> bool:
    """Whether a rule names the segment; one that cannot be read may."""
    try:
        return segment in read_rule(text, get_vocabulary(), scopes=list(Scope)).segments
    except InvalidRuleError:
        return True
