"""Three people who can sign in, and whether orders are known to be theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib.auth import get_user_model

from personalization.adapters import Adapter
from personalization.adapters.paths import fits
from personalization.engine.ids import is_key
from personalization.engine.types import IdentityKind
from personalization.management.doctor.finding import error, fine, note, warning
from personalization.management.doctor.orders import recent_orders
from personalization.management.doctor.visit import SAMPLE, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.management.doctor.finding import Finding
    from personalization.management.doctor.visit import Visit

ABOUT: Final = "People"


def look(visit: Visit) -> Iterator[Finding]:
    users = list(get_user_model()._default_manager.order_by("-pk")[:SAMPLE])
    keys = [visit.adapter.user_key(user) for user in users]
    if not users:
        yield note(ABOUT, "Nobody can sign in yet. Browsers are known by a cookie of our own.")
        return
    yield fine(ABOUT, f"{some(len(keys), 'user')}, known by the keys {', '.join(map(repr, keys))}")
    if bad := [key for key in keys if not is_key(key)]:
        yield error(ABOUT, f"user_key() gives {bad[0]!r}: keys are texts of 1 to 255 characters.")
    if len(set(keys)) < len(keys):
        yield error(ABOUT, "user_key() gives two users one key: their histories would mix.")
    yield from _buyers(visit)


def _buyers(visit: Visit) -> Iterator[Finding]:
    """A customer row that belongs to a user has a key of its own: it would never be found when the user signs in."""
    buyers = {
        order.identity.key
        for order in recent_orders(visit)
        if order.identity and order.identity.kind == IdentityKind.USER
    }
    strangers = buyers - {visit.adapter.user_key(user) for user in _users(buyers)}
    if strangers and type(visit.adapter).user_key is Adapter.user_key:
        text = f"Orders are of user {min(strangers)!r}, but nobody who signs in has that key."
        yield warning(ABOUT, f"{text} Does order_user_field lead to your users, and not to their profiles?")


def _users(keys: set[str]) -> list[object]:
    """Users whose primary keys these are."""
    model = get_user_model()
    return list(model._default_manager.filter(pk__in=[key for key in keys if fits(model, "pk", key)]))
