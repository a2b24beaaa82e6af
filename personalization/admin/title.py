"""A title that people can read and press."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class TitleField(forms.CharField):
    """One line of at most 255 characters, of which one can be seen."""

    def __init__(self, **options: Any) -> None:
        attrs = {"class": "vTextField"}
        super().__init__(max_length=255, widget=forms.TextInput(attrs=attrs), **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not any(sign.isprintable() and not sign.isspace() for sign in value):
            raise ValidationError(_("Nobody could see this title."))
