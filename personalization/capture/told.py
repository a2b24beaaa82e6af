"""How whatever may stand in a page or an order is told: never failing it, and never before its commit."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from personalization.exceptions import InvalidInputError
from personalization.store.after_commit import after_commit
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = TypeVar("Answer")
    #: What is done after the commit; whether it stored something.
    Work = Callable[[], bool]

logger = logging.getLogger("personalization")


def told(prepare: Callable[[], Work | None], *, what: str) -> bool:
    """Whether it was taken: ``prepare`` reads at once who acts and what it is about, and gives the work to be done
    after the commit, or None when there is nothing to tell. What is refused, or fails, is logged once."""
    work = shielded(lambda: _heard(prepare, what, None), what=what, otherwise=None)
    return work is not None and after_commit(lambda: _heard(work, what, otherwise=False), what=what)


def _heard(say: Callable[[], Answer], what: str, otherwise: Answer) -> Answer:
    try:
        return say()
    except InvalidInputError as error:
        logger.error("%s was refused: %s", what, error)  # noqa: TRY400 - the input is wrong, not the code
        return otherwise
