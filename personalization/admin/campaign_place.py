"""Where campaigns can be shown, and what can stand beside them: as the settings and the shop have it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.conf import settings
from personalization.exceptions import InvalidInputError
from personalization.models import Promotion
from personalization.serving import SlotKind, get_slot

if TYPE_CHECKING:
    from collections.abc import Iterable

Choices = list[tuple[str, str]]

#: What to write into the settings while there is no place.
NO_PLACE: Final = _(
    'There is no place for campaigns yet. Declare one in the settings: PERSONALIZATION = {"SLOTS": '
    '{"home_banner": {"KIND": "campaign"}}}, and put it into a template by the tag personal_slot.'
)
#: More promotions are not offered.
_MOST: Final = 500


class PlaceFilter(admin.AllValuesFieldListFilter):
    """The places that campaigns have, declared or not."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = _("place")


def places() -> list[str]:
    """The slots that are declared for campaigns."""
    return [name for name in sorted(settings.slots) if is_place(name)]


def is_place(name: str) -> bool:
    """Whether pages can show campaigns in a slot of this name."""
    return _kind(name) == SlotKind.CAMPAIGN


def place_choices(stored: str = "") -> Choices:
    """The places, and a stored name, whether it is still declared or not."""
    return _with_stored([(name, name) for name in places()], stored, is_there=is_place(stored))


def row_choices(stored: str = "") -> Choices:
    """The slots that can fill a row of items; none at first."""
    names = [name for name in sorted(settings.slots) if _kind(name) not in {None, SlotKind.CAMPAIGN}]
    none = ("", gettext("No items"))
    is_there = _kind(stored) not in {None, SlotKind.CAMPAIGN}
    return _with_stored([none, *((name, name) for name in names)], stored, is_there=is_there)


def promotion_choices(tenant: str, stored: int | None = None) -> Choices:
    """The shop's newest promotions that are not archived, and the one that is stored; none at first."""
    rows = Promotion.objects.filter(tenant=tenant).order_by("-pk")
    found: Iterable[Promotion] = rows.exclude(state=Promotion.State.ARCHIVED)[:_MOST]
    if stored is not None and stored not in {row.pk for row in found}:
        found = [*found, *rows.filter(pk=stored)]
    return [("", gettext("No promotion")), *((str(row.pk), _told(row)) for row in found)]


def _told(row: Promotion) -> str:
    return f"{row.title} ({Promotion.State(row.state).label})"


def _kind(name: str) -> SlotKind | None:
    try:
        return get_slot(name).kind
    except InvalidInputError:
        return None


def _with_stored(choices: Choices, stored: str, *, is_there: bool) -> Choices:
    if not stored or stored in dict(choices):
        return choices
    told = stored if is_there else gettext("%(name)s (no longer declared)") % {"name": stored}
    return [*choices, (stored, told)]
