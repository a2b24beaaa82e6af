"""The lists of the app, as far as whoever looks may open them, grouped by what people do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    #: What `AdminSite.get_app_list` says of a model.
    ListedModel = Mapping[str, Any]

_GROUPS: Final[tuple[tuple[_StrPromise, tuple[str, ...]], ...]] = (
    (_("Marketing"), ("Campaign", "Promotion", "Coupon", "Redemption", "Segment")),
    (_("People and what they did"), ("Visitor", "ViewedItem", "Rating", "Event", "Item")),
    (_("Learning"), ("Build", "Run")),
    (_("Privacy"), ("Erasure",)),
)


@dataclass(frozen=True, slots=True)
class Group:
    name: str | _StrPromise
    models: Sequence[ListedModel]


class Ways:
    """What the admin site lists of the app for one person: Django's own permissions, and its addresses."""

    def __init__(self, app_list: Sequence[Mapping[str, Any]]) -> None:
        self._listed = {model["object_name"]: model for app in app_list for model in app["models"]}

    def may_view(self, name: str) -> bool:
        """Whether the rows of a model may be shown."""
        return name in self._listed and bool(self._listed[name]["admin_url"])

    def to_list(self, name: str, query: str = "") -> str:
        """The address of a list; '' for who may not see it."""
        return f"{self._listed[name]['admin_url']}{query}" if self.may_view(name) else ""

    def to_row(self, name: str, row: int) -> str:
        """The address of a row's page; '' for who may not see it."""
        return f"{self.to_list(name)}{row}/change/" if self.may_view(name) else ""

    def groups(self) -> list[Group]:
        """Every model that is listed, in our order; what a host has added comes last."""
        left = dict(self._listed)
        groups = [Group(name, [left.pop(one) for one in members if one in left]) for name, members in _GROUPS]
        return [one for one in [*groups, Group(_("More"), list(left.values()))] if one.models]
