from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.campaign_counts import CountedList
from personalization.admin.campaign_days import days_of
from personalization.admin.campaign_form import CampaignForm
from personalization.admin.campaign_parts import PARTS, percent_text
from personalization.admin.campaign_place import (
    NO_PLACE,
    PlaceFilter,
    is_place,
    place_choices,
    places,
    promotion_choices,
    row_choices,
)
from personalization.admin.campaign_preview import CampaignPreview
from personalization.admin.campaign_warnings import warnings_of
from personalization.admin.editing import now_micros
from personalization.admin.phase import PHASES, PhaseFilter
from personalization.admin.tenant import tenant_of
from personalization.admin.wall_time import wall_text
from personalization.conf import settings
from personalization.exceptions import InvalidInputError
from personalization.models import Campaign
from personalization.store.campaign_content import CampaignContent
from personalization.store.campaigns import CAMPAIGNS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from personalization.admin.difference import Part
    from personalization.admin.warnings import Warned

_KEPT = (
    *("title", "note", "slot", "rule", "headline", "text", "link", "items_slot"),
    *("priority", "cap_count", "cap_days"),
)


@admin.register(Campaign)
class CampaignAdmin(CampaignPreview):
    """Who sees what in a place, and when."""

    empty_hint = _(
        "No campaigns yet. Press “Add campaign”, and say who sees what, where and when. It begins when you start it."
    )
    list_display = ("title", "phase", "place", "priority", "schedule", "impressions", "clicks")
    list_filter = (PhaseFilter, ("slot", PlaceFilter))
    search_fields = ("title", "note", "headline")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("title", "note", "slot")}),
        (_("Who sees it"), {"fields": ("rule",)}),
        (
            _("What is seen"),
            {"fields": ("headline", "text", "link", "image", "items_slot", "promotion")},
        ),
        (_("Schedule"), {"fields": (("starts_at", "ends_at"),)}),
        (_("Which one, and how often"), {"fields": ("priority", ("cap_count", "cap_days"), "holdout")}),
    )
    editing_form = CampaignForm
    rows = CAMPAIGNS
    version_kind = CAMPAIGNS.kind
    parts: ClassVar[tuple[Part, ...]] = PARTS
    change_form_template = "admin/personalization/campaign/change_form.html"
    change_list_template = "admin/personalization/campaign/change_list.html"
    unusable = _("This campaign cannot be used as it is: %(reason)s")

    class Media:
        css = {"all": ["personalization/overview.css"]}

    # The list.

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CountedList]:
        return CountedList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        hint = {} if places() else {"empty_hint": NO_PLACE}
        return super().changelist_view(request, hint | (extra_context or {}))

    @admin.display(description=_("place"), ordering="slot")
    def place(self, row: Campaign) -> str:
        if is_place(row.slot):
            return row.slot
        return gettext("%(name)s (no longer declared)") % {"name": row.slot}

    @admin.display(description=_("impressions"))
    def impressions(self, row: Any) -> int:
        seen: int = row.figures.impressions
        return seen

    @admin.display(description=_("clicks"))
    def clicks(self, row: Any) -> int:
        clicked: int = row.figures.clicks
        return clicked

    # The form.

    def initial(self, row: Any) -> dict[str, Any]:
        content = CampaignContent.of_row(row)
        return {
            **{name: getattr(content, name) for name in _KEPT},
            "image": content.image,
            "promotion": content.promotion,
            "holdout": percent_text(content.holdout_share),
            "starts_at": wall_text(content.starts_at),
            "ends_at": wall_text(content.ends_at),
        }

    def _form(self, request: HttpRequest, row: Any, initial: dict[str, Any], data: Any = None) -> Any:
        form = super()._form(request, row, initial, data)
        if data is not None:
            form.files = request.FILES
        form.fields["promotion"].choices = promotion_choices(tenant_of(request), row and row.promotion_id)
        return form

    def settle(self, form: Any, row: Any) -> None:
        stored = "" if row is None else row.slot
        form.fields["slot"].choices = place_choices(stored)
        form.fields["items_slot"].choices = row_choices("" if row is None else row.items_slot)
        if not places():
            form.fields["slot"].help_text = format_html("{}", NO_PLACE)
        elif stored and not is_place(stored):
            form.fields["slot"].help_text = gettext(
                "The settings no longer declare this place: no page shows the campaign."
            )

    def _typed(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """A picture that was chosen before the button of the builder is kept."""
        typed = super()._typed(request, row)
        try:
            typed["image"] = typed["image"].kept()
        except InvalidInputError as error:
            typed["image"] = typed["image"].name
            self.message_user(request, error.message, messages.ERROR)
        return typed

    def content(self, form: Any, state: Any) -> CampaignContent:
        said = form.cleaned_data
        kept = {name: said[name] for name in (*_KEPT, "starts_at", "ends_at", "image", "promotion")}
        return CampaignContent(state=state, holdout_share=said["holdout"], **kept)

    def content_warnings(self, content: CampaignContent) -> list[Warned]:
        return warnings_of(content, now=now_micros())

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        shared = {"zone": settings.time_zone}
        if row is None:
            return shared
        phase = self.phase_of(row)
        preview = f"{reverse('admin:personalization_campaign_preview')}?{urlencode({'slot': row.slot})}"
        return shared | {
            "verbs": self.verbs(request, row),
            "phase": phase,
            "phase_label": PHASES[phase],
            "outcome": days_of(row, now=now_micros()),
            "preview_url": preview,
        }
