"""Images of campaigns: what is uploaded is looked at before it is kept, and gets a name of ours."""

from __future__ import annotations

import re
import secrets
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Final

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from personalization.exceptions import InvalidInputError
from personalization.models import Campaign

if TYPE_CHECKING:
    from django.core.files.base import File
    from django.core.files.storage import Storage

#: What is taken → how its file ends. No SVG: it can hold scripts.
FORMATS: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
LARGEST: Final = 2 * 1024 * 1024  #: bytes
LONGEST_SIDE: Final = 4_000  #: pixels
#: Frames of a picture that moves; together they must not be more than a still picture may have.
MOST_PIXELS: Final = 2 * LONGEST_SIDE * LONGEST_SIDE

_FOLDER: Final = "personalization/campaigns/"
_NAME: Final = re.compile(rf"{_FOLDER}[0-9a-f]{{32}}\.(?:{'|'.join(FORMATS.values())})")


def store_image(upload: File[bytes]) -> str:
    """Keep an uploaded image in the host's storage; its name there. Files are never changed: versions name them.

    Raises InvalidInputError naming ``image``.
    """
    content = upload.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _refused(_("The image is larger than 2 MB."), "too_large")
    name = f"{_FOLDER}{secrets.token_hex(16)}.{FORMATS[_format(content)]}"
    return _storage().save(name, ContentFile(content))


def is_image_name(name: str) -> bool:
    """Whether a name is one that `store_image` gives."""
    return _NAME.fullmatch(name) is not None


def image_url(name: str) -> str:
    """Where browsers find an image, '' for none, or when the storage has no addresses."""
    try:
        return _storage().url(name) if name else ""
    except (ValueError, NotImplementedError):
        return ""


def _storage() -> Storage:
    storage: Storage = Campaign._meta.get_field("image").storage
    return storage


def _format(content: bytes) -> str:
    """The format of a whole image that is not too big, which is known before anything is unpacked."""
    try:
        from PIL import Image  # noqa: PLC0415 - only who uploads images needs it
    except ImportError:
        raise _refused(_("Images need Pillow: install django-personalization[images]."), "pillow") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=tuple(FORMATS)) as image:
                _check_size(image.size, getattr(image, "n_frames", 1))
                image.load()
                return str(image.format)
    except InvalidInputError:
        raise
    except Exception as error:  # decoders raise whatever they like at what is broken
        raise _refused(_("This is no whole PNG, JPEG, WebP or GIF image."), "not_image") from error


def _check_size(size: tuple[int, int], frames: int) -> None:
    if max(size) > LONGEST_SIDE or size[0] * size[1] * frames > MOST_PIXELS:
        raise _refused(_("The image is larger than 4,000 pixels a side."), "too_many_pixels")


def _refused(message: str, code: str) -> InvalidInputError:
    return InvalidInputError("image", message, code=code)
