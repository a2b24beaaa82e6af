"""Who looks at which place, when, and how: what a preview asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import get_languages

from personalization.admin.campaign_place import place_choices
from personalization.admin.rule_builder.trial import find_identity
from personalization.admin.rule_builder.trial_cart import read_cart
from personalization.admin.wall_time import WallTimeField
from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.store.fact_names import FIRST_SEEN
from personalization.store.visitor_facts import read_visitor_facts

if TYPE_CHECKING:
    from personalization.engine.types import Cart

_NOBODY: Final = "nobody"
_WHO: Final = (
    (_NOBODY, _("Nobody who is known")),
    ("user", _("User key")),
    ("visitor", _("Number of the visitor")),
)
_DEVICES: Final = (
    ("", _("Not known")),
    ("desktop", _("Desktop")),
    ("mobile", _("Mobile")),
    ("tablet", _("Tablet")),
)


class PreviewForm(forms.Form):
    """``tenant``: whose visitors and items; ``may_see_people``: whether a visitor may be named; ``now``: when it is."""

    slot = forms.ChoiceField(label=_("Place"))
    known_by = forms.ChoiceField(label=_("Known by"), choices=_WHO, initial=_NOBODY)
    who = forms.CharField(label=_("Who"), required=False, max_length=255)
    at = WallTimeField(label=_("When (empty: now)"))
    language = forms.ChoiceField(label=_("Language"), required=False)
    device = forms.ChoiceField(label=_("Device"), choices=_DEVICES, required=False)
    store = forms.CharField(label=_("Store"), required=False, max_length=64)
    cart = forms.CharField(
        label=_("Cart, a line for each item: key × quantity"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        tenant: str,
        stored_slot: str,
        may_see_people: bool,
        now: int,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self._tenant, self._now = tenant, now
        self.fields["slot"].choices = place_choices(stored_slot)  # type: ignore[attr-defined]
        self.fields["language"].choices = _languages()  # type: ignore[attr-defined]
        if not may_see_people:
            del self.fields["known_by"], self.fields["who"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["now"] = self._now if said.get("at") is None else said["at"]
        said["identity"] = self._asked("who", self._identity)
        said["read_cart"] = self._asked("cart", self._cart)
        return said

    def _asked(self, field: str, read: Any) -> Any:
        try:
            return read()
        except InvalidInputError as error:
            self.add_error(field, ValidationError(error.message))
            return None

    def _identity(self) -> Identity | None:
        said, who = self.cleaned_data, self.cleaned_data.get("who", "")
        if said.get("known_by", _NOBODY) == _NOBODY:
            return None
        is_user = said["known_by"] == "user"
        identity = Identity(IdentityKind.USER, who) if is_user and who else find_identity(who, self._tenant)
        names = {FIRST_SEEN}
        known = identity and read_visitor_facts(identity, tenant=self._tenant, now=said["now"], names=names)
        if not known:
            raise InvalidInputError(
                "who", str(_("Nobody is known by this, or the person refused: pages treat them as nobody."))
            )
        return identity

    def _cart(self) -> Cart | None:
        return read_cart(self.cleaned_data.get("cart", ""), tenant=self._tenant)[0]


def _languages() -> list[tuple[str, str]]:
    """The shop's languages, and the one of this page, should it be another."""
    here, found = get_language(), get_languages()
    return [*([(here, here)] if here and here not in found else []), *found.items()]
