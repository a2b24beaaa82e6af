"""``{% load personalization_admin %}``, for the pages that Django's admin renders without asking us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

if TYPE_CHECKING:
    from django.template.context import RequestContext

register = template.Library()


@register.inclusion_tag("admin/personalization/overview/page.html", takes_context=True)
def personalization_overview(context: RequestContext) -> dict[str, Any]:
    """The overview of the app, for whoever looks."""
    from personalization.admin.overview import overview  # noqa: PLC0415 - Django imports tags without the admin too

    return overview(context.request, context["app_list"])
