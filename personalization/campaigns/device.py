"""What kind of device a browser says it runs on. A guess: tablets of Apple say that they are desktops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.http import HttpRequest

DESKTOP: Final = "desktop"
MOBILE: Final = "mobile"
TABLET: Final = "tablet"

_TABLETS: Final = ("ipad", "tablet", "kindle", "silk/", "playbook")
_MOBILES: Final = ("mobi", "iphone", "ipod", "windows phone", "opera mini")
_LONGEST: Final = 1_000


def find_device(request: HttpRequest) -> str | None:
    """desktop, mobile or tablet by the User-Agent; None for a browser that says nothing."""
    agent = request.META.get("HTTP_USER_AGENT", "")[:_LONGEST].strip().lower()
    if not agent:
        return None
    mobile = any(word in agent for word in _MOBILES)
    if any(word in agent for word in _TABLETS) or ("android" in agent and not mobile):
        return TABLET
    return MOBILE if mobile else DESKTOP
