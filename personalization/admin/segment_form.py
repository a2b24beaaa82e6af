"""The form of a segment."""

from __future__ import annotations

from typing import Final

from django import forms
from django.core.validators import validate_slug
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from personalization.admin.rule_builder import RuleField, RuleUse
from personalization.admin.title import TitleField
from personalization.store.segments import SCOPES

RULE: Final = RuleUse(
    SCOPES,
    empty='{"everyone":true}',
    subject=_("Somebody is in the segment when %(sentence)s."),
    nothing=_("Without conditions everybody is in the segment."),
    about_people=True,
)


_NAME_LENGTH: Final = 64


class SegmentForm(forms.Form):
    title = TitleField(label=_("title"), help_text=_("What you and your colleagues call it."))
    name = forms.CharField(
        label=_("name"),
        max_length=_NAME_LENGTH,
        required=False,
        validators=[validate_slug],
        help_text=_(
            "Rules name the segment by it, so it never changes: letters, digits, - and _. Empty: made from the title."
        ),
    )
    note = forms.CharField(
        label=_("note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5000,
        help_text=_("For you and your colleagues: the shop does not show it."),
    )
    active = forms.BooleanField(
        label=_("active"),
        required=False,
        initial=True,
        help_text=_("Of one that is not active nobody knows who is in it."),
    )
    rule = RuleField(RULE, label=_("Who is in it"))

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"] or slugify(self.cleaned_data.get("title", ""))[:_NAME_LENGTH]
        if not name and "title" in self.cleaned_data:
            raise forms.ValidationError(
                _("The title has no letters of which a name could be made: please write one.")
            )
        return name
