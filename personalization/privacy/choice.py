"""What somebody chose: personalization, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.adapters import get_adapter
from personalization.conf import settings
from personalization.engine.types import Identity, IdentityKind
from personalization.privacy.consent import chosen, signals_refusal
from personalization.privacy.standing import Choice, standing_of
from personalization.store.choices import record_choice
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class ChoiceState:
    """``asked``: a choice was made; ``agreed``: this request may be tied to a person; ``required``: nothing happens
    before somebody agrees; ``signals``: the browser itself refuses, and that is honored."""

    asked: bool
    agreed: bool
    required: bool
    signals: bool


def choose(
    who: Identity | None, *, agreed: bool, browser: str | None = None, tenant: str = "", now: int
) -> None:
    """Write down what somebody chose, for all their browsers, and for this one (the key of its cookie).

    ``who`` is proven to be the person: signed in, or named by the shop's server. A browser alone gets no row for its
    choice, its cookie holds that; and the browser of another person is not touched.
    """
    choice = Choice.AGREED if agreed else Choice.REFUSED
    people = set() if who is None else _person(who, tenant=tenant, now=now)
    if browser is not None:
        people |= _free_browser(browser, tenant=tenant)
    record_choice(people, choice, now=now)


def state_of(
    request: HttpRequest, who: Identity | None, *, tenant: str, just_chosen: bool | None = None
) -> ChoiceState:
    """What holds for a request of this person; ``just_chosen``: what the cookie will say from now on."""
    own = Choice.NONE if who is None else standing_of(who, tenant=tenant).choice
    signals = bool(settings.HONOR_GPC) and signals_refusal(request)
    told = get_adapter().consent(request)  # the shop's banner comes before our cookie
    if told is None:
        told = chosen(request) if just_chosen is None else just_chosen
    return ChoiceState(
        asked=own != Choice.NONE or told is not None,
        agreed=own != Choice.REFUSED
        and not signals
        and (not settings.CONSENT_REQUIRED if told is None else told),
        required=bool(settings.CONSENT_REQUIRED),
        signals=signals,
    )


def _person(who: Identity, *, tenant: str, now: int) -> set[int]:
    if who.kind == IdentityKind.VISITOR:
        return _free_browser(who.key, tenant=tenant)
    person = standing_of(who, tenant=tenant).person
    return {person or ensure_visitors(who.kind, [who.key], tenant=tenant, now=now)[who.key]}


def _free_browser(key: str, *, tenant: str) -> set[int]:
    standing = standing_of(Identity(IdentityKind.VISITOR, key), tenant=tenant)
    return set() if standing.person is None or standing.joined else {standing.person}
