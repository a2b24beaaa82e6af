"""New items: that there are any is a run that somebody takes, which compares them with the whole catalog."""

from __future__ import annotations

from typing import Final

from personalization.conf import settings
from personalization.store.runs import request_run

#: The kind of these runs.
CONTENT: Final = "content"


def ask_for_neighbors(*, tenant: str, now: int) -> None:
    """Say that items came which no build knows. While such a run waits, saying it again changes nothing."""
    if settings.NEW_ITEMS:
        request_run(CONTENT, tenant=tenant, now=now)
