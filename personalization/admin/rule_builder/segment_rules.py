"""The rules that segments stand for, for whoever evaluates a rule that names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalization.engine.rules import InvalidRuleError, read_rule
from personalization.models import Segment
from personalization.registry import get_vocabulary
from personalization.store.segments import SCOPES

if TYPE_CHECKING:
    from personalization.engine.rules import Rule


def segment_rules(tenant: str) -> dict[str, Rule]:
    """The rules of active segments by name; those that cannot be read are left out, and so unknown."""
    rules = {}
    for name, text in Segment.objects.filter(tenant=tenant, active=True).values_list("name", "rule"):
        try:
            rules[name] = read_rule(text, get_vocabulary(), scopes=SCOPES)
        except InvalidRuleError:
            continue
    return rules
