"""Why an item is shown, in the visitor's language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from personalization.engine.types import Kind, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.types import Card, Reason

#: What happened to the item that contributed most → the code of the reason.
CODES: Final[Mapping[Kind, ReasonCode]] = {
    Kind.PURCHASE: ReasonCode.BOUGHT,
    Kind.CART_ADD: ReasonCode.CARTED,
    Kind.WISH: ReasonCode.WISHED,
    Kind.RATE: ReasonCode.RATED,
    Kind.VIEW: ReasonCode.VIEWED,
    Kind.CLICK: ReasonCode.VIEWED,
}

#: code → (text that names the item, text for when its title is not known)
_TEXTS: Final[Mapping[ReasonCode, tuple[str, str]]] = {
    ReasonCode.BOUGHT: (_("Because you bought %(title)s"), _("Because of what you bought")),
    ReasonCode.CARTED: (_("Because you put %(title)s in your cart"), _("Because of what was in your cart")),
    ReasonCode.WISHED: (_("Because you like %(title)s"), _("Because of what you like")),
    ReasonCode.RATED: (_("Because you rated %(title)s"), _("Because of what you rated")),
    ReasonCode.VIEWED: (_("Because you viewed %(title)s"), _("Because of what you viewed")),
    ReasonCode.SIMILAR: (_("Similar to %(title)s"), _("Similar to what you are looking at")),
    ReasonCode.HISTORY: (
        _("Worked out from what you did in this shop"),
        _("Worked out from what you did in this shop"),
    ),
    ReasonCode.BOUGHT_BEFORE: (_("You bought this before"), _("You bought this before")),
    ReasonCode.RECENTLY_VIEWED: (_("You viewed this recently"), _("You viewed this recently")),
    ReasonCode.POPULAR: (_("Popular with our customers"), _("Popular with our customers")),
    ReasonCode.POPULAR_RECENT: (_("Popular right now"), _("Popular right now")),
    ReasonCode.POPULAR_SEGMENT: (_("Popular with customers like you"), _("Popular with customers like you")),
    ReasonCode.NEWEST: (_("New in the shop"), _("New in the shop")),
}

#: code → what was used for it
_USED: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.BOUGHT: _("Above all your orders in this shop were used for it."),
    ReasonCode.CARTED: _("Above all what you put into the cart was used for it."),
    ReasonCode.WISHED: _(
        "Above all what you marked as liked was used for it: your wish list, and what you chose."
    ),
    ReasonCode.RATED: _("Above all your ratings were used for it."),
    ReasonCode.VIEWED: _("Above all what you looked at in this shop was used for it."),
    ReasonCode.HISTORY: _("What you bought and looked at in this shop was used for it."),
    ReasonCode.BOUGHT_BEFORE: _("Your orders in this shop were used for it."),
    ReasonCode.RECENTLY_VIEWED: _("What you looked at in this shop was used for it."),
    ReasonCode.POPULAR_SEGMENT: _(
        "What this shop knows of you, such as your country or your orders, was used for it."
    ),
}
_NOTHING_USED: Final = _("Nothing about you was used for it.")


def used_text(code: ReasonCode) -> str:
    """One sentence about the kind of data that made the reason."""
    text = _USED.get(code, _NOTHING_USED)
    return gettext(text)


class ReasonTexts:
    """The texts of one answer; each sentence is translated once."""

    __slots__ = ("_cards", "_language", "_written")

    def __init__(self, cards: Mapping[str, Card], language: str) -> None:
        """``language``: the one that is active."""
        self._cards = cards
        self._language = language
        self._written: dict[tuple[ReasonCode, str], str] = {}

    def text(self, reason: Reason) -> str:
        """One sentence that names the item which contributed most."""
        first = reason.evidence[0] if reason.evidence else ""
        written = self._written.get((reason.code, first))
        if written is None:
            written = self._written[reason.code, first] = self._write(reason.code, first)
        return written

    def because(self, item: str, reason: Reason) -> tuple[Card, ...]:
        """The cards of the evidence, besides the item itself, that were read anyway; largest contribution first."""
        found = [self._cards.get(key) for key in reason.evidence if key != item]
        return tuple([card for card in found if card is not None and card.title])

    def _write(self, code: ReasonCode, key: str) -> str:
        named, nameless = _TEXTS[code]
        card = self._cards.get(key)
        if card is None or not card.title:
            return _translated(nameless, self._language)
        text = _translated(named, self._language)
        return text % {"title": card.title} if "%" in named else text


@lru_cache(maxsize=1024)
def _translated(text: str, language: str) -> str:
    """The text in the active language: asking Django costs more than the rest of a reason."""
    return gettext(text)
