"""A visitor rates an item."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from personalization.adapters import Page, get_adapter
from personalization.conf import settings
from personalization.engine.ids import is_key, storable
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError
from personalization.privacy.standing import bar, standing_of
from personalization.store.events import EventRow, Source, append_events, event_digest
from personalization.store.items import intern_items
from personalization.store.ratings import StoredRating, database, save_rating
from personalization.store.transaction import in_transaction
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from personalization.engine.types import Identity

#: The longest text of a rating, in characters.
TEXT_LENGTH: Final = 10_000

_DAY = 86_400_000_000


def rate(
    identity: Identity,
    item: object,
    value: int,
    *,
    text: str = "",
    tenant: str = "",
    store: str = "",
    now: int,
) -> StoredRating:
    """Store what this visitor says of an item, in place of what it said before.

    ``item`` is a product or its key, ``value`` a whole number on the scale of the setting RATING_SCALE, ``now``
    UTC microseconds. Raises InvalidInputError naming ``value``, ``text``, ``item``, or ``identity`` (code ``refused``)
    when this person does not want to be known; nothing is stored then.
    """
    low, high = settings.RATING_SCALE
    rating = StoredRating(
        item=_item_key(item),
        value=_on_scale(value, low, high),
        low=low,
        high=high,
        text=_storable_text(text),
        rated_at=now,
    )
    page = Page(tenant=tenant, store=store)
    if not get_adapter().may_rate(identity, rating.item, page):
        raise _unknown_item()
    in_transaction(partial(_store, rating, identity, page), using=database())
    return rating


def _store(rating: StoredRating, identity: Identity, page: Page) -> None:
    if bar(standing_of(identity, tenant=page.tenant), occurred_at=rating.rated_at):
        message = _("You chose not to be known here. Change that to rate.")
        raise InvalidInputError("identity", message, code="refused")
    items = intern_items([rating.item], tenant=page.tenant, now=rating.rated_at)
    if rating.item not in items:
        raise _unknown_item()
    visitors = ensure_visitors(identity.kind, [identity.key], tenant=page.tenant, now=rating.rated_at)
    visitor, item = visitors[identity.key], items[rating.item]
    save_rating(rating, visitor=visitor, item=item, tenant=page.tenant)
    event = rating_event(rating, visitor=visitor, item=item, tenant=page.tenant, store=page.store)
    append_events([event], tenant=page.tenant, source=Source.CODE, now=rating.rated_at)


def rating_event(rating: StoredRating, *, visitor: int, item: int, tenant: str, store: str = "") -> EventRow:
    """One event a day for each visitor and item, so that rating again and again does not fill the log."""
    client_id = f"rate:{item}:{rating.rated_at // _DAY}"
    return EventRow(
        digest=event_digest(tenant=tenant, source=Source.CODE, visitor=visitor, client_id=client_id),
        kind=Kind.RATE,
        visitor=visitor,
        item=item,
        occurred_at=rating.rated_at,
        store=store,
    )


def _item_key(item: object) -> str:
    key = get_adapter().key_of(item)
    if not is_key(key):
        raise _unknown_item()
    return key


def _on_scale(value: object, low: int, high: int) -> int:
    if type(value) is not int:
        raise InvalidInputError("value", _("A rating is a whole number."), code="not_whole")
    if not low <= value <= high:
        message = _("A rating lies between %(low)d and %(high)d.") % {"low": low, "high": high}
        raise InvalidInputError("value", message, code="off_scale")
    return value


def _storable_text(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidInputError("text", _("The text of a rating must be text."), code="not_text")
    if len(text) > TEXT_LENGTH:
        message = _("The text may have at most %(limit)d characters.") % {"limit": TEXT_LENGTH}
        raise InvalidInputError("text", message, code="too_long")
    return storable(text)


def _unknown_item() -> InvalidInputError:
    return InvalidInputError("item", _("There is no such item, or it cannot be rated."), code="unknown")
