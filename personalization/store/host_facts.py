"""Facts that only the shop knows: those of its own kinds of conditions, and the visitor's country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.adapters import Adapter, get_adapter
from personalization.store.fact_names import BOUGHT, FIRST_SEEN, LAST_SEEN, ORDERS, VIEWED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.http import HttpRequest

_OURS: Final = frozenset(
    {
        FIRST_SEEN,
        LAST_SEEN,
        ORDERS,
        *BOUGHT,
        *VIEWED,
        "visitor.signed_in",
        "visitor.holdout",
        "context.store",
        "context.device",
        "context.language",
        "context.code",
    }
)


def read_host_facts(
    request: HttpRequest | None, names: Collection[str], *, personal: bool
) -> Mapping[str, object]:
    """What the adapter says of whoever makes a request. ``personal`` False: nobody may be known, and nothing of the
    visitor is asked for."""
    adapter = get_adapter()
    if request is None or type(adapter).facts is Adapter.facts:
        return {}
    scopes = ("visitor.", "context.") if personal else ("context.",)
    asked = frozenset([name for name in names if name.startswith(scopes) and name not in _OURS])
    if not asked:
        return {}
    return {name: value for name, value in adapter.facts(request, asked).items() if name in asked}
