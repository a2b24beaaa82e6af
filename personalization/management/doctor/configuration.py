"""What to write when nothing tells of products yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.conf import settings
from personalization.management.doctor import candidates
from personalization.management.doctor.finding import error, note
from personalization.management.doctor.proposal import propose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.management.doctor.finding import Finding

ABOUT: Final = "Configuration"


def is_configured() -> bool:
    return bool(settings.ADAPTER or settings.PRODUCT_MODEL)


def look() -> Iterator[Finding]:
    """For a shop that names neither an adapter nor a model, and imported no items."""
    yield error(ABOUT, "Nothing tells which products there are: neither ADAPTER nor PRODUCT_MODEL is set.")
    found = candidates.find()
    if found is None:
        yield note(ABOUT, "No installed model looks like products. See import_items for files.")
        return
    proposal = propose(found)
    names = [model._meta.label for model in (found.product, found.order, found.line) if model]
    yield note(ABOUT, f"These look like your shop: {', '.join(names)}.", add=proposal.code, to=proposal.file)
    yield note(ABOUT, "And name it.", add=proposal.setting, to="settings")
