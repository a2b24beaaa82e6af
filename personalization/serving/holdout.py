"""Who gets non-personal answers, so that it can be said what the personal ones are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from personalization.conf import settings
from personalization.engine.ids import digest

if TYPE_CHECKING:
    from personalization.engine.types import Identity

HOLDOUT: Final = "holdout"
PERSONAL: Final = "personal"


class Arm(NamedTuple):
    """Which answers somebody gets, and how probable that was. '' where nobody is known, or nothing is measured."""

    name: str = ""
    propensity: float = 1.0


_NONE: Final = Arm()


def arm_of(identity: Identity | None, *, tenant: str) -> Arm:
    """The same for one identity at any time, in any process, whatever else runs: by hash, without a row."""
    share = float(settings.HOLDOUT_SHARE)
    if identity is None or share <= 0:
        return _NONE
    unit = int.from_bytes(digest("holdout", tenant, str(int(identity.kind)), identity.key)[:8], "big") / 2**64
    return Arm(HOLDOUT, share) if unit < share else Arm(PERSONAL, 1 - share)
