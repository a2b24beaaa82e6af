"""Tokens of answers → what they showed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.capture.beacon import Shown
from personalization.exceptions import InvalidInputError
from personalization.serving import AnswerToken, read_token
from personalization.store.answers import AnswerRow

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How long after an answer its impressions and clicks count, in microseconds.
LIFETIME: Final = 30 * 86_400_000_000


def read_shown(tokens: Iterable[str], *, tenant: str, now: int) -> dict[str, Shown]:
    """What was shown, by token, each read once; tokens that are forged, foreign or too old are left out."""
    return {token: shown for token in set(tokens) if (shown := _find_shown(token, tenant, now)) is not None}


def _find_shown(token: str, tenant: str, now: int) -> Shown | None:
    try:
        told = read_token(token)
    except InvalidInputError:
        return None
    if told.tenant != tenant or told.at < now - LIFETIME:
        return None
    places = {item: place for place, item in enumerate(told.items, 1)}
    return Shown(_answer(told), places)


def _answer(told: AnswerToken) -> AnswerRow:
    return AnswerRow(
        key=told.id,
        slot=told.slot,
        mode=told.mode,
        answered_at=told.at,
        build=told.build,
        arm=told.arm,
        propensity=told.propensity,
        campaign=told.campaign,
    )
