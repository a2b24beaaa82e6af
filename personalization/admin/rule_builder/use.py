"""Where a rule is built: whose facts there are, and what a rule without conditions means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from personalization.engine.rules import Scope


@dataclass(frozen=True, slots=True)
class RuleUse:
    """``empty``: the text of a rule without conditions; ``subject``: how a sentence about the rule begins; ``nothing``:
    what stands there while there are no conditions; ``about_people``: whether it can be asked who matches."""

    scopes: frozenset[Scope]
    empty: str
    subject: _StrPromise
    nothing: _StrPromise
    about_people: bool = False
