"""How versions of a promotion are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from personalization.admin.difference import Part
from personalization.admin.parts import text, wall, yes_or_no
from personalization.models import Promotion

if TYPE_CHECKING:
    from collections.abc import Mapping


def _benefit(content: Mapping[str, Any]) -> str:
    return str(Promotion.Benefit[content["benefit"].upper()].label)


def _state(content: Mapping[str, Any]) -> str:
    return str(Promotion.State[content["state"].upper()].label)


PARTS: Final = (
    Part("title", _("title"), text("title")),
    Part("note", _("note"), text("note")),
    Part("state", _("state"), _state),
    Part("benefit", _("benefit"), _benefit),
    Part("percent", _("percent"), text("percent")),
    Part("cap", _("at most"), text("cap")),
    Part("amount", _("amount"), text("amount")),
    Part("currency", _("currency"), text("currency")),
    Part("targets", _("Which items are discounted")),
    Part("rule", _("Who gets it, and when")),
    Part("starts_at", _("starts"), wall("starts_at")),
    Part("ends_at", _("ends"), wall("ends_at")),
    Part("limit_total", _("limit in all"), text("limit_total")),
    Part("limit_person", _("limit for a person"), text("limit_person")),
    Part("needs_code", _("needs a code"), yes_or_no("needs_code")),
    Part("priority", _("priority"), text("priority")),
)
