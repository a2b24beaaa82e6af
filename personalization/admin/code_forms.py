"""The forms that issue codes."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from personalization.admin.promotion_form import NumberInput
from personalization.admin.wall_time import WallTimeField
from personalization.promotions.issue import FEWEST
from personalization.store.coupons import CODE_LENGTH

#: How many codes one page makes.
MOST: Final = 10_000


class CodesForm(forms.Form):
    """What all codes that are issued together have in common."""

    limit = forms.IntegerField(
        label=_("uses of each code"),
        required=False,
        initial=1,
        min_value=1,
        max_value=2_147_483_647,
        help_text=_("Empty: no limit."),
        widget=NumberInput(),
    )
    expires_at = WallTimeField(
        label=_("expires"), help_text=_("By the shop’s clock. Empty: with the promotion."), ends=True
    )


class OneCodeForm(CodesForm):
    code = forms.CharField(
        label=_("code"),
        max_length=CODE_LENGTH,
        help_text=_("Capitals, spaces and dashes make no difference: save-10 is SAVE10."),
    )
    field_order = ("code", "limit", "expires_at")


class ManyCodesForm(CodesForm):
    count = forms.IntegerField(
        label=_("how many"),
        min_value=1,
        max_value=MOST,
        help_text=_("Up to 10,000 at once."),
        widget=NumberInput(),
    )
    beginning = forms.CharField(
        label=_("beginning"),
        required=False,
        max_length=CODE_LENGTH - FEWEST,
        help_text=_("Each code is this, and 12 characters that nobody can guess."),
    )
    field_order = ("count", "beginning", "limit", "expires_at")
