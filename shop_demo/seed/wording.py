"""The words of an article: what its size says, and a text of it in each language of the shop."""

from __future__ import annotations

import re

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

#: What the unit of a size says of an article.
UNITS = {
    "person": "sleeps",
    "seat": "sleeps",
    "piece": "pieces",
    "pack": "pieces",
    "portion": "pieces",
    "l": "capacity",
    "ml": "capacity",
    "m": "length",
    "cm": "length",
    "mm": "length",
    "in": "length",
    "lm": "brightness",
    "lux": "brightness",
    "g": "contents",
}
COUNTED = {"sleeps", "pieces"}

#: Sizes that are a count, as part of a name.
PACKED = {
    "person": _("%(count)s-person"),
    "seat": _("%(count)s-seat"),
    "piece": _("%(count)s-piece"),
    "pack": _("%(count)s-pack"),
    "portion": _("%(count)s-portion"),
}

#: What a brand stands for, from the cheapest to the dearest.
CHARACTERS = (
    _("Plain and sound: fewer parts, less that can break."),
    _("The one that most people come back for."),
    _("Made without sparing, for people who use it every week."),
)


def describe_size(size: str) -> dict[str, str]:
    """``"2-person"`` sleeps 2, ``"18 l"`` is a capacity; whatever is no number with a unit is a size."""
    number = re.fullmatch(r"([\d.]+)[ -]([a-z]+)", size)
    if number is None or number[2] not in UNITS:
        return {"size": size}
    name = UNITS[number[2]]
    return {name: number[1] if name in COUNTED else size}


def size_in(language: str, size: str) -> str:
    """A size as it stands in a name."""
    number, _dash, unit = size.partition("-")
    with override(language):
        return gettext(PACKED[unit]) % {"count": number} if unit in PACKED else gettext(size)


def show_weight(grams: float) -> str:
    return f"{grams / 1000:.2f} kg" if grams >= 1000 else f"{round(grams)} g"


def describe(language: str, text: str, *, material: str, weight: str, level: float) -> str:
    """What the kind is good for, what this one is made of and weighs, and what its brand stands for."""
    with override(language):
        made = gettext("%(material)s, %(weight)s.") % {"material": gettext(material), "weight": weight}
        character = gettext(CHARACTERS[min(int(level * 3), 2)])
    gap = "" if language.startswith("zh") else " "
    return gap.join([text, made[0].upper() + made[1:], character])
