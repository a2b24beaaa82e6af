"""What a request for advice says, read strictly; what is refused is told in the visitor's language."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from personalization.engine.knowledge import read_wish
from personalization.exceptions import InvalidInputError
from personalization.serving import MOST_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.engine.knowledge import Wish

COUNT: Final = 12


def read_advice(body: Any) -> tuple[Wish, int]:
    """The wish, and how many items are wanted. Raises what names the place of the fault."""
    if not isinstance(body, dict):
        raise _refusal("body", _("The body must be a JSON object."), "not_object")
    told = dict(body)
    count = told.pop("count", COUNT)
    if type(count) is not int or not 1 <= count <= MOST_ITEMS:
        message = _("The count is a whole number from 1 to %(limit)d.") % {"limit": MOST_ITEMS}
        raise _refusal("count", message, "out_of_range")
    return read_wish(told), count


@contextmanager
def translated() -> Iterator[None]:
    """Says what the engine refuses in the visitor's language."""
    try:
        yield
    except InvalidInputError as error:
        raise _refusal(error.field, _messages().get(error.code, error.message), error.code) from error


def _messages() -> dict[str, str]:
    """By code. A choice that there is not is told as the engine does: with those that there are."""
    return {
        "required": _("This field is required."),
        "not_list": _("This must be a list."),
        "not_text": _("This must be text."),
        "not_object": _("This must be an object."),
        "not_number": _("This must be a number."),
        "not_one": _("Exactly one comparison is expected here."),
        "not_known": _("This is not known of the item."),
        "no_such_item": _("There is no such item."),
        "no_number": _("This is no number and is compared with texts."),
        "no_text": _("This is a number and is compared with numbers."),
        "out_of_range": _("This number is out of range."),
        "too_long": _("This is too long."),
    }


def _refusal(field: str, message: str, code: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(message, code=code)]})
