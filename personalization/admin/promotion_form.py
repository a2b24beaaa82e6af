"""The form of a promotion."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from personalization.admin.rule_builder import RuleField, RuleUse
from personalization.admin.title import TitleField
from personalization.admin.wall_time import WallTimeField
from personalization.engine.promotions import AmountOff, Benefit, PercentOff, parse_amount
from personalization.exceptions import InvalidInputError
from personalization.models import Promotion
from personalization.store.promotion_content import RULE_SCOPES, TARGET_SCOPES

RULE: Final = RuleUse(
    RULE_SCOPES,
    empty="",
    subject=_("The discount is given when %(sentence)s."),
    nothing=_("Without conditions everybody gets the discount."),
    about_people=True,
)
TARGETS: Final = RuleUse(
    TARGET_SCOPES,
    empty="",
    subject=_("Something in the cart is discounted when %(sentence)s."),
    nothing=_("Without conditions the discount counts for the whole cart."),
)
#: The most that a column of counts holds.
_MOST: Final = 2_147_483_647
_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


class NumberInput(forms.TextInput):
    """Digits, typed as text, so that nothing is guessed and no wheel turns them."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", "size": "10"})


def _number(label: Any, help_text: Any = "", **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        max_length=20,
        widget=NumberInput(),
        **options,
    )


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=_MOST,
        help_text=_("Empty: no limit."),
        widget=NumberInput(),
    )


class PromotionForm(forms.Form):
    title = TitleField(label=_("title"), help_text=_("Shoppers read it in their cart."))
    note = forms.CharField(
        label=_("note"),
        required=False,
        max_length=5000,
        help_text=_("For you and your colleagues: the shop does not show it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    benefit = forms.TypedChoiceField(
        label=_("benefit"), coerce=int, choices=Promotion.Benefit.choices, initial=Promotion.Benefit.PERCENT
    )
    percent = _number(_("percent"), _("Of the price of the discounted items, such as 10 or 12.5."))
    cap = _number(_("at most"), _("The most that one cart gets, in the currency below. Empty: no limit."))
    amount = _number(_("amount"), _("What the discounted items cost less, all together."))
    currency = forms.CharField(
        label=_("currency"),
        max_length=3,
        help_text=_("Three letters, such as EUR. Carts in another currency do not get it."),
        widget=forms.TextInput(attrs={"size": "4", "class": "rule-currency"}),
    )
    targets = RuleField(TARGETS, label=_("Which items are discounted"))
    rule = RuleField(RULE, label=_("Who gets it, and when"))
    starts_at = WallTimeField(label=_("starts"), help_text=_("By the shop’s clock. Empty: at once."))
    ends_at = WallTimeField(label=_("ends"), help_text=_("By the shop’s clock. Empty: never."), ends=True)
    limit_total = _count(_("limit in all"))
    limit_person = _count(_("limit for a person"))
    needs_code = forms.BooleanField(
        label=_("needs a code"), required=False, help_text=_("Only those who enter one of its codes get it.")
    )
    priority = forms.IntegerField(
        label=_("priority"),
        required=False,
        initial=0,
        min_value=-1_000_000,
        max_value=1_000_000,
        help_text=_(
            "A cart gets the promotion that is worth most; of equal ones the one with the higher priority."
        ),
        widget=NumberInput(),
    )

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if not _CURRENCY.fullmatch(currency):
            raise forms.ValidationError(_("Please write a currency code, such as EUR."))
        return currency

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or 0

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        starts, ends = said.get("starts_at"), said.get("ends_at")
        if starts is not None and ends is not None and starts >= ends:
            self.add_error("ends_at", _("It ends before it starts."))
        if said.get("benefit") and said.get("currency"):
            said["given"] = self._benefit(said)
        return said

    def _benefit(self, said: dict[str, Any]) -> Benefit | None:
        """What is given; None, and errors at the inputs, when that cannot be."""
        if said["benefit"] == Promotion.Benefit.AMOUNT:
            amount = self._amount(said, "amount")
            return None if amount is None else AmountOff(amount)
        percent = self._percent(said)
        cap = self._amount(said, "cap") if said.get("cap") else None
        return None if percent is None or "cap" in self.errors else PercentOff(percent, cap)

    def _percent(self, said: dict[str, Any]) -> Decimal | None:
        text = said.get("percent", "")
        if _PERCENT.fullmatch(text) and 0 < Decimal(text) <= 100:
            return Decimal(text)
        self.add_error("percent", _("Please write a number above 0 and up to 100, such as 10 or 12.5."))
        return None

    def _amount(self, said: dict[str, Any], field: str) -> Decimal | None:
        try:
            amount = parse_amount(said.get(field, ""), said["currency"], field=field)
        except InvalidInputError:
            amount = Decimal(0)
        if amount > 0:
            return amount
        self.add_error(field, _("Please write an amount of this currency, such as 20."))
        return None
