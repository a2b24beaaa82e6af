"""A browser was joined to the wrong person, and is taken out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.people import PeopleAdmin
from personalization.identity.merge import separate

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class SeparatingAdmin(PeopleAdmin):
    """A list of visitors from which some can be separated from their persons, by who may change visitors."""

    actions = ("separate",)

    def has_separate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("personalization.change_visitor")

    @admin.action(description=_("Separate from the person, for good"), permissions=["separate"])
    def separate(self, request: HttpRequest, visitors: QuerySet[Any]) -> None:
        done = [visitor for visitor in visitors if separate(visitor.pk)]
        for visitor in done:
            self.log_change(request, visitor, gettext("Separated from the person."))
        message = ngettext(
            "%(count)d visitor was separated; its history is its own again.",
            "%(count)d visitors were separated; their history is their own again.",
            len(done),
        )
        level = messages.SUCCESS if done else messages.WARNING
        self.message_user(request, message % {"count": len(done)}, level)
