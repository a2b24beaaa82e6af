"""The form of a campaign."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from personalization.admin.campaign_picture import PictureField
from personalization.admin.promotion_form import NumberInput
from personalization.admin.rule_builder import RuleField, RuleUse
from personalization.admin.title import TitleField
from personalization.admin.wall_time import WallTimeField
from personalization.engine.addresses import web_address
from personalization.store.campaign_content import (
    BODY_LENGTH,
    CAMPAIGN_SCOPES,
    LINK_LENGTH,
    MOST_DAYS,
    MOST_VIEWS,
    TEXT_LENGTH,
)

RULE: Final = RuleUse(
    CAMPAIGN_SCOPES,
    empty="",
    subject=_("The campaign is shown when %(sentence)s."),
    nothing=_("Without conditions everybody sees the campaign."),
    about_people=True,
)
_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


def _count(label: Any, most: int, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        help_text=help_text,
        widget=NumberInput(),
    )


def _text(label: Any, length: int, help_text: Any = "", **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length, help_text=help_text, **options)


class CampaignForm(forms.Form):
    """Which places, rows of items and promotions there are is the page's to say."""

    title = TitleField(
        label=_("title"), help_text=_("For you and your colleagues: the shop does not show it.")
    )
    note = _text(
        _("note"),
        BODY_LENGTH,
        _("For you and your colleagues: the shop does not show it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    slot = forms.ChoiceField(
        label=_("place"), help_text=_("Where in the shop it is seen: a slot of the settings.")
    )
    rule = RuleField(RULE, label=_("Who sees it"))
    headline = _text(
        _("headline"),
        TEXT_LENGTH,
        _("One line above the text. Empty: none."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    text = _text(
        _("text"),
        BODY_LENGTH,
        _("Plain text; an empty line begins a new paragraph."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    link = _text(
        _("link"),
        LINK_LENGTH,
        _("A path of the shop such as /sale/, or an address with https."),
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url", "spellcheck": "false"}),
    )
    image = PictureField(
        label=_("picture"), help_text=_("PNG, JPEG, WebP or GIF, up to 2 MB and 4,000 pixels a side.")
    )
    items_slot = forms.ChoiceField(
        label=_("row of items"), required=False, help_text=_("The slot whose items stand below.")
    )
    promotion = forms.TypedChoiceField(
        label=_("promotion"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("It is named while it runs, with the code that the visitor can use, if it has one."),
    )
    starts_at = WallTimeField(label=_("starts"), help_text=_("By the shop’s clock. Empty: at once."))
    ends_at = WallTimeField(label=_("ends"), help_text=_("By the shop’s clock. Empty: never."), ends=True)
    priority = forms.IntegerField(
        label=_("priority"),
        required=False,
        initial=0,
        min_value=-1_000_000,
        max_value=1_000_000,
        help_text=_("A place shows the campaign with the highest; of equal ones the oldest."),
        widget=NumberInput(),
    )
    cap_count = _count(_("shown at most"), MOST_VIEWS, _("Times for one visitor. Empty: no limit."))
    cap_days = _count(_("within days"), MOST_DAYS, _("Days of the shop’s calendar; 1 is today."))
    holdout = forms.CharField(
        label=_("percent who do not see it"),
        required=False,
        max_length=20,
        widget=NumberInput(),
        help_text=_(
            "A share of the visitors for whom it is, left out by lot, so that it can be said what it is worth."
        ),
    )

    def clean_headline(self) -> str:
        """One line, whatever was pasted."""
        return " ".join(str(self.cleaned_data["headline"]).split())

    def clean_text(self) -> str:
        return "\n".join(str(self.cleaned_data["text"]).splitlines())

    def clean_link(self) -> str:
        link = str(self.cleaned_data["link"])
        ours = link.startswith("/") or link.lower().startswith(("http://", "https://"))
        if link and not (ours and web_address(link)):
            raise forms.ValidationError(
                _("Please write a path of the shop such as /sale/, or an address with https.")
            )
        return link

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or 0

    def clean_holdout(self) -> Decimal:
        text = self.cleaned_data["holdout"] or "0"
        if not (_PERCENT.fullmatch(text) and Decimal(text) <= 100):
            raise forms.ValidationError(_("Please write a number from 0 to 100, such as 10 or 12.5."))
        return Decimal(text) / 100

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        starts, ends = said.get("starts_at"), said.get("ends_at")
        if starts is not None and ends is not None and starts >= ends:
            self.add_error("ends_at", _("It ends before it starts."))
        if {"cap_count", "cap_days"} <= said.keys():
            self._check_cap(said)
        return said

    def _check_cap(self, said: dict[str, Any]) -> None:
        if (said["cap_count"] is None) != (said["cap_days"] is None):
            missing = "cap_count" if said["cap_count"] is None else "cap_days"
            self.add_error(
                missing, _("How often and within how many days belong together: fill in both, or none.")
            )
