"""What somebody would see in a place, and why not the other campaigns: as pages decide it, and nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import get_language, gettext, override

from personalization.admin.campaign_outcome import outcomes_of
from personalization.admin.campaign_place import NO_PLACE, places
from personalization.admin.campaign_preview_form import PreviewForm
from personalization.admin.editing import now_micros
from personalization.admin.states import StatesAdmin
from personalization.admin.tenant import tenant_of
from personalization.admin.wall_time import wall_text
from personalization.campaigns import preview
from personalization.conf import settings
from personalization.models import Campaign
from personalization.shortcuts.markup import render_answer

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from personalization.campaigns import Preview


class CampaignPreview(StatesAdmin):
    """The page on which campaigns are tried."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", view, name="personalization_campaign_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The questions, and once they are answered what is seen. Names of people come by POST, never in an address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = self._questions(request)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Preview"),
            "opts": self.opts,
            "form": form,
            "media": self.media,
            "zone": settings.time_zone,
            "hint": "" if places() else NO_PLACE,
            **(self._seen(request, form.cleaned_data) if form.is_valid() else {}),
        }
        return TemplateResponse(request, "admin/personalization/campaign/preview.html", context)

    def _questions(self, request: HttpRequest) -> PreviewForm:
        slot = (request.POST if request.method == "POST" else request.GET).get("slot", "")
        tenant = tenant_of(request)
        named = slot and Campaign.objects.filter(tenant=tenant, slot=slot).exists()
        return PreviewForm(
            request.POST if request.method == "POST" else None,
            tenant=tenant,
            stored_slot=slot if named else "",
            may_see_people=request.user.has_perm("personalization.view_visitor"),
            now=now_micros(),
            initial={"slot": slot, "language": get_language()},
        )

    def _seen(self, request: HttpRequest, said: dict[str, Any]) -> dict[str, Any]:
        language = said["language"] or get_language() or ""
        with override(language):
            found = preview(
                said["slot"],
                identity=said["identity"],
                now=said["now"],
                tenant=tenant_of(request),
                store=said["store"],
                language=language,
                device=said["device"] or None,
                cart=said["read_cart"],
            )
            page = _page(request, found, language)
        return {
            "asked": True,
            "at": wall_text(said["now"]).replace("T", " "),
            "page": page,
            "told": outcomes_of(found, said["slot"]),
        }


def _page(request: HttpRequest, found: Preview, language: str) -> str:
    """The campaign as a page of its own, for a frame that runs no scripts and follows no links; '' for nothing."""
    if found.answer is None:
        return ""
    block = render_answer(found.answer, title="", request=request)
    return render_to_string(
        "admin/personalization/campaign/framed.html", {"block": block, "language": language}
    )
