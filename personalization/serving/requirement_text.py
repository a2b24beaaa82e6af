"""A requirement in the language of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from personalization.engine.knowledge import Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.knowledge import Requirement

_FACTS: Final[Mapping[str, str]] = {
    "category": _("Category"),
    "brand": _("Brand"),
    "tags": _("Tags"),
    "price": _("Price"),
}
_TEXTS: Final[Mapping[Operator, str]] = {
    Operator.IS: _("%(fact)s: %(value)s"),
    Operator.IS_NOT: _("%(fact)s: not %(value)s"),
    Operator.AT_MOST: _("%(fact)s: at most %(value)s"),
    Operator.AT_LEAST: _("%(fact)s: at least %(value)s"),
    Operator.LESS: _("%(fact)s: less than %(value)s"),
    Operator.MORE: _("%(fact)s: more than %(value)s"),
}


def requirement_text(requirement: Requirement) -> str:
    """One short line: “Price: at most 50”. An attribute is called as the shop calls it."""
    name = requirement.field
    fact = gettext(_FACTS[name]) if name in _FACTS else name.partition(":")[2]
    number = requirement.number
    value = ", ".join(requirement.texts) if number is None else f"{number:.12g}"
    return gettext(_TEXTS[requirement.operator]) % {"fact": fact, "value": value}
