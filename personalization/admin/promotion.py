from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.codes import CodesAdmin, may_open_codes
from personalization.admin.coupon import taken_of
from personalization.admin.editing import now_micros
from personalization.admin.phase import PHASES, PhaseFilter
from personalization.admin.promotion_form import PromotionForm
from personalization.admin.promotion_parts import PARTS
from personalization.admin.promotion_warnings import warnings_of
from personalization.admin.wall_time import wall_text
from personalization.conf import settings
from personalization.engine.promotions import round_amount
from personalization.models import Promotion
from personalization.store.promotion_content import PromotionContent, micros
from personalization.store.promotions import PROMOTIONS

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.admin.difference import Part
    from personalization.admin.warnings import Warned

_KEPT = (
    "title",
    "note",
    "currency",
    "rule",
    "targets",
    "limit_total",
    "limit_person",
    "needs_code",
    "priority",
)


@admin.register(Promotion)
class PromotionAdmin(CodesAdmin):
    """Who gets a discount on what, and when."""

    empty_hint = _("No promotions yet. Press “Add promotion”, and say what is given, and who gets it.")
    list_display = ("title", "phase", "gives", "used", "schedule")
    list_filter = (PhaseFilter, "needs_code")
    search_fields = ("title", "note")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("title", "note")}),
        (_("What is given"), {"fields": ("benefit", "percent", "cap", "amount", "currency")}),
        (_("Which items are discounted"), {"fields": ("targets",)}),
        (_("Who gets it, and when"), {"fields": ("rule", ("starts_at", "ends_at"))}),
        (_("How often"), {"fields": (("limit_total", "limit_person"), "needs_code", "priority")}),
    )
    editing_form = PromotionForm
    rows = PROMOTIONS
    version_kind = PROMOTIONS.kind
    unusable = _("This promotion cannot be used as it is: %(reason)s")
    parts: ClassVar[tuple[Part, ...]] = PARTS
    change_form_template = "admin/personalization/promotion/change_form.html"

    @admin.display(description=_("gives"))
    def gives(self, row: Promotion) -> str:
        return benefit_text(row)

    @admin.display(description=_("used"), ordering="taken")
    def used(self, row: Promotion) -> str:
        if row.limit_total is None:
            return str(row.taken)
        return format_html(
            '{} <progress class="rule-used" value="{}" max="{}"></progress>',
            taken_of(row.taken, row.limit_total),
            min(row.taken, row.limit_total),
            max(row.limit_total, 1),
        )

    def initial(self, row: Any) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in _KEPT},
            **_given(row),
            "starts_at": wall_text(micros(row.starts_at)),
            "ends_at": wall_text(micros(row.ends_at)),
        }

    def content(self, form: Any, state: Any) -> PromotionContent:
        said = form.cleaned_data
        kept = {name: said[name] for name in (*_KEPT, "starts_at", "ends_at")}
        return PromotionContent(benefit=said["given"], state=state, **kept)

    def content_warnings(self, content: PromotionContent) -> list[Warned]:
        return warnings_of(content, now=now_micros())

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        shared = {"zone": settings.time_zone}
        if row is None:
            return shared
        phase = self.phase_of(row)
        return shared | {
            "verbs": self.verbs(request, row),
            "phase": phase,
            "phase_label": PHASES[phase],
            "used": self.used(row),
            "may_see_codes": may_open_codes(request),
            "may_see_uses": request.user.has_perm("personalization.view_redemption"),
        }


def benefit_text(row: Promotion) -> str:
    """What a promotion gives, briefly."""
    if row.benefit == Promotion.Benefit.AMOUNT:
        return f"{_money(row, 'amount')} {row.currency}"
    if row.cap is None:
        return f"{_percent(row)} %"
    text = gettext("%(percent)s %%, at most %(cap)s %(currency)s")
    return text % {"percent": _percent(row), "cap": _money(row, "cap"), "currency": row.currency}


def _given(row: Promotion) -> dict[str, Any]:
    """The inputs of the benefit."""
    amounts = {name: _money(row, name) for name in ("cap", "amount")}
    return {"benefit": row.benefit, "percent": _percent(row), **amounts}


def _percent(row: Promotion) -> str:
    """Without the zeros that the column adds."""
    return "" if row.percent is None else f"{row.percent.normalize():f}"


def _money(row: Promotion, column: str) -> str:
    """With the decimals of the currency."""
    amount = getattr(row, column)
    return "" if amount is None else f"{round_amount(amount, row.currency):f}"
