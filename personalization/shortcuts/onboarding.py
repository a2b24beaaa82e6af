"""“Tap three things you like”: the beginning of somebody's history, on a page that must not break."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.middleware.csrf import get_token
from django.urls import reverse

from personalization import serving
from personalization.identity.newcomer import find_teller
from personalization.shortcuts.offer_markup import ask_for_part
from personalization.shortcuts.question import make_query

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.engine.types import Card

#: Three rows of three.
COUNT: Final = 9
#: How many are asked for; more or fewer are taken as well.
WANTED: Final = 3


@dataclass(frozen=True, slots=True)
class Onboarding:
    """``cards``: what may be chosen from; ``wanted``: how many are asked for. The rest belongs into the form: ``action``,
    ``csrf``, ``form`` (its own id: sent twice it counts once) and ``next``, the page to come back to."""

    cards: tuple[Card, ...]
    action: str
    csrf: str
    form: str
    next: str
    wanted: int = WANTED


def find_onboarding(request: Any, *, count: int = COUNT) -> Onboarding | None:
    """What a newcomer may choose from; None for who has a history, may not be known, or when something fails, which the
    log tells."""

    def ask(asked: HttpRequest) -> Onboarding | None:
        _identity, may_be_known = find_teller(asked)
        if not may_be_known:
            return None
        query, page = make_query(asked, slot="", count=count)
        cards = serving.first_choice(query, request=page)
        if not cards:
            return None
        return Onboarding(
            cards=cards,
            action=reverse("personalization:likes"),
            csrf=get_token(asked),
            form=secrets.token_urlsafe(18),
            next=asked.get_full_path(),
        )

    return ask_for_part(request, ask, what="personal_onboarding", otherwise=None)
