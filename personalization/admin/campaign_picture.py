"""The picture of a campaign in a form: the one it has, another one, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from personalization.exceptions import InvalidInputError
from personalization.store.campaign_image import image_url, is_image_name, store_image

if TYPE_CHECKING:
    from django.core.files.base import File


@dataclass(frozen=True, slots=True)
class Picture:
    """What came with a form. ``name``: the picture it had; ``upload``: a file that takes its place."""

    name: str = ""
    upload: File[bytes] | None = None
    removed: bool = False

    def kept(self) -> str:
        """The name of what is meant. An upload is stored, so that a form that comes back still has it.

        Raises InvalidInputError naming ``image``.
        """
        if self.upload is not None:
            return store_image(self.upload)
        return "" if self.removed else self.name


class PictureInput(forms.Widget):
    """``stored``: the name of an upload that the field has kept meanwhile."""

    template_name = "admin/personalization/campaign/picture.html"
    needs_multipart_form = True

    def __init__(self) -> None:
        super().__init__()
        self.stored: str | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Picture:
        removed = bool(data.get(f"{name}-remove"))
        return Picture(data.get(name, ""), files.get(f"{name}-file"), removed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}-file"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        removed = isinstance(value, Picture) and value.removed and self.stored is None
        had = value.name if isinstance(value, Picture) else value or ""
        shown = had if self.stored is None else self.stored
        shown = shown if is_image_name(shown) else ""
        context = super().get_context(name, "", attrs)
        return {**context, "stored": shown, "url": image_url(shown), "removed": removed}


class PictureField(forms.Field):
    """Cleans to the name of a stored picture, '' for none."""

    widget: PictureInput

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=PictureInput(), **options)

    def clean(self, value: Any) -> str:
        picture = value if isinstance(value, Picture) else Picture()
        try:
            name = picture.kept()
        except InvalidInputError as error:
            raise ValidationError(error.message) from error
        if name and not is_image_name(name):
            raise ValidationError(_("Please choose a file: addresses are not taken."))
        if picture.upload is not None:
            self.widget.stored = name
        return name

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True
