"""Whether the person behind a request may be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import get_adapter
from personalization.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

AGREED: Final = "1"
REFUSED: Final = "0"


def agrees(request: HttpRequest) -> bool:
    """Whether this request may be tied to a person.

    A browser's own signal (Global Privacy Control, Do Not Track) comes first, then the shop's banner, then the choice
    that our cookie holds; where none of them says anything, CONSENT_REQUIRED decides.
    """
    answer = said(request)
    return not settings.CONSENT_REQUIRED if answer is None else answer


def said(request: HttpRequest) -> bool | None:
    """What this request says of being known: True agreed, False refused, None nothing."""
    if settings.HONOR_GPC and signals_refusal(request):
        return False
    answer = get_adapter().consent(request)
    return chosen(request) if answer is None else answer


def signals_refusal(request: HttpRequest) -> bool:
    """Whether the browser itself refuses: ``Sec-GPC: 1`` or ``DNT: 1``."""
    return request.META.get("HTTP_SEC_GPC") == "1" or request.META.get("HTTP_DNT") == "1"


def chosen(request: HttpRequest) -> bool | None:
    """The choice that our consent cookie holds; None when nothing was chosen."""
    return {AGREED: True, REFUSED: False}.get(request.COOKIES.get(settings.cookie["CONSENT_NAME"], ""))
