"""Under which key a shop may keep a part of a page that holds personal answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language

from personalization.engine.ids import digest
from personalization.serving.holdout import arm_of
from personalization.serving.in_cart import keys_in_cart
from personalization.serving.page_state import page_state
from personalization.serving.personal_page import mark_personal
from personalization.serving.recommendation import known_as

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.engine.types import Query

ANONYMOUS: Final = "anonymous"


def cache_key(query: Query, *, request: HttpRequest | None) -> str:
    """Equal for two requests only if answers of one may be shown to the other.

    ``<person>.<epoch>.<surroundings>``: opting out and erasure end the first or raise the second; the last stands for
    tenant, store, language, holdout and cart. Of the statements of a page it costs the one that its slots share.
    """
    person = page_state(known_as(query), request).person
    in_cart = sorted(keys_in_cart(request))
    if person or in_cart or query.identity is not None:
        mark_personal(request)
    arm = arm_of(query.identity, tenant=query.tenant).name
    around = digest(query.tenant, query.store, get_language() or "", arm, *in_cart)
    return f"{person or ANONYMOUS}.{around.hex()[:16]}"
