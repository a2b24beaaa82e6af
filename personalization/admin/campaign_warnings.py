"""What is doubtful about a campaign: it may be seen by more people, longer or more often than was meant, or by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from personalization.admin.campaign_form import RULE
from personalization.admin.campaign_place import is_place
from personalization.admin.phase import PHASES, phase_of
from personalization.admin.warnings import Warned, doubts_of
from personalization.models import Promotion
from personalization.store.promotions import PROMOTIONS
from personalization.store.schedule import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.store.campaign_content import CampaignContent


def warnings_of(content: CampaignContent, *, now: int) -> list[Warned]:
    """Everything that whoever starts it must have seen. The rule must be valid."""
    return [
        *_unseen(content),
        *_unnamed(content, now),
        *_broad(content),
        *_endless(content, now),
        *doubts_of({"rule": (content.rule, RULE)}),
    ]


def _unseen(content: CampaignContent) -> Iterator[Warned]:
    if not is_place(content.slot):
        text = gettext("The settings no longer declare the place %(name)s: no page shows it.")
        yield Warned("no_place", text % {"name": content.slot})
    if not any((content.headline, content.text, content.image, content.items_slot, content.promotion)):
        yield Warned("nothing", gettext("There is nothing to see in it."))
    if content.holdout_share == 1:
        yield Warned("held_out", gettext("Nobody who is known sees it: all of them are left out."))


def _unnamed(content: CampaignContent, now: int) -> Iterator[Warned]:
    named = () if content.promotion is None else Promotion.objects.filter(pk=content.promotion)
    for promotion in named:
        phase = phase_of(promotion, PROMOTIONS.working, now=now)
        if phase not in {Phase.RUNNING, Phase.SCHEDULED}:
            text = gettext("Its promotion does not run (%(phase)s): nobody is told of it.")
            yield Warned("promotion", text % {"phase": PHASES[phase]})


def _broad(content: CampaignContent) -> Iterator[Warned]:
    if not content.rule:
        yield Warned("everyone", gettext("Everybody sees it: there are no conditions."))
    if content.cap_count is None:
        yield Warned("no_cap", gettext("There is no limit: the same visitor may see it on every page."))


def _endless(content: CampaignContent, now: int) -> Iterator[Warned]:
    if content.ends_at is None:
        yield Warned("no_end", gettext("It has no end."))
    elif content.ends_at <= now:
        yield Warned("over", gettext("Its end is over: nobody will see it."))
