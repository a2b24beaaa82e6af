"""The page on which visitors see what is known of them, switch it off, take it along and have it forgotten. It works
without a script, and in the host's look: the host may have its own ``personalization/privacy.html``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect
from django.views.generic import View
from rest_framework.exceptions import Throttled

from personalization.adapters import get_adapter
from personalization.api.base import current_micros, personal
from personalization.api.privacy_acts import change_choice, forget
from personalization.api.throttle import require_rate
from personalization.engine.types import IdentityKind
from personalization.identity.cookie import read_cookie
from personalization.identity.owner import find_owner
from personalization.privacy.choice import state_of
from personalization.privacy.export import holding_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

_SAID: Final[dict[str, _StrPromise]] = {
    "agreed": _("Personalization is on."),
    "refused": _("Personalization is off. Nothing more is recorded of you."),
    "erased": _("Everything we knew of you is gone."),
    "unconfirmed": _("Nothing was erased: the box was not ticked."),
}


@method_decorator(csrf_protect, name="dispatch")
class PrivacyPage(View):
    """Whoever is here, and nobody else."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return personal(TemplateResponse(request, "personalization/privacy.html", _context(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        act = request.POST.get("act")
        if act not in {"agree", "refuse", "erase"}:
            return personal(HttpResponseBadRequest(gettext("There is nothing to do.")))
        try:
            require_rate(request, "privacy")
        except Throttled as throttled:
            return personal(too_often(throttled))
        response = HttpResponseRedirect(request.path)
        done = _erase(request, response) if act == "erase" else _choose(request, response, act)
        response["Location"] = f"{request.path}?done={done}"
        return personal(response)


def _choose(request: HttpRequest, response: HttpResponse, act: str) -> str:
    agreed = act == "agree"
    change_choice(request, response, agreed=agreed, now=current_micros())
    return "agreed" if agreed else "refused"


def _erase(request: HttpRequest, response: HttpResponse) -> str:
    if request.POST.get("confirmed") != "yes":
        return "unconfirmed"
    tenant = get_adapter().tenant(request)
    owner = find_owner(request, tenant=tenant)
    if owner is not None:
        forget(request, response, owner, tenant=tenant, now=current_micros())
    return "erased"


def _context(request: HttpRequest) -> dict[str, Any]:
    tenant = get_adapter().tenant(request)
    owner = find_owner(request, tenant=tenant)
    known = None if owner is None else holding_of([owner], tenant=tenant)
    return {
        "state": state_of(request, owner, tenant=tenant),
        "owner": owner,
        "signed_in": owner is not None and owner.kind != IdentityKind.VISITOR,
        "closed": owner is None and read_cookie(request) is not None,
        "known": known if known is not None and known.people else None,
        "said": _SAID.get(request.GET.get("done", "")),
    }


def too_often(throttled: Throttled) -> HttpResponse:
    """What a page says to who comes too often."""
    seconds = int(getattr(throttled, "wait", None) or 1)
    message = gettext("That was too often. Please wait a minute.")
    return HttpResponse(message, status=429, headers={"Retry-After": str(seconds)}, content_type="text/plain")
