"""Where the form of `personal_onboarding` goes: what somebody likes, without a script."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.generic import View
from rest_framework.exceptions import Throttled

from personalization.api.base import current_micros, personal
from personalization.api.events import make_teller
from personalization.api.privacy_page import too_often
from personalization.api.throttle import require_rate
from personalization.capture.beacon import read_rows, record_told
from personalization.capture.beacon_row import Told
from personalization.engine.ids import digest, is_key
from personalization.identity.cookie import write_cookie
from personalization.identity.newcomer import find_teller

if TYPE_CHECKING:
    from django.http import HttpRequest

#: More than a page ever offers.
MOST: Final = 50
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{20,40}\Z")


@method_decorator(csrf_protect, name="dispatch")
class LikesPage(View):
    """Stores what was tapped as liked, for whoever is here, and goes back to the page."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            require_rate(request, "events")
        except Throttled as throttled:
            return personal(too_often(throttled))
        response = HttpResponseRedirect(_next(request))
        _store(request, response)
        return personal(response)


def _store(request: HttpRequest, response: HttpResponse) -> None:
    """As events of the kind wish; nothing of who may not be known, and nothing twice."""
    now = current_micros()
    rows = [row for row in read_rows(_liked(request), server=False, now=now) if isinstance(row, Told)]
    identity, may_be_known = find_teller(request)
    if not rows or not may_be_known:
        return
    done = record_told(rows, {}, make_teller(request, identity, rows, now))
    if done.identity is not None and done.identity != identity:
        write_cookie(response, request, done.identity.key)


def _liked(request: HttpRequest) -> list[dict[str, Any]]:
    form = request.POST.get("form", "")
    form = form if _FORM.match(form) else secrets.token_urlsafe(18)
    keys = dict.fromkeys(request.POST.getlist("item")[:MOST])
    return [
        {"id": f"{form}-{digest(key).hex()[:16]}", "kind": "wish", "item": key} for key in keys if is_key(key)
    ]


def _next(request: HttpRequest) -> str:
    """Only to a page of this host."""
    asked = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if allowed else "/"
