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
    ReasonCode.WISHED: (_("Because %(title)s is on your wish list"), _("Because of your wish list")),
    ReasonCode.RATED: (_("Because you rated %(title)s"), _("Because of what you rated")),
    ReasonCode.VIEWED: (_("Because you viewed %(title)s"), _("Because of what you viewed")),
    ReasonCode.SIMILAR: (_("Similar to %(title)s"), _("Similar to what you are looking at")),
    ReasonCode.RECENTLY_VIEWED: (_("You viewed this recently"), _("You viewed this recently")),
    ReasonCode.POPULAR: (_("Popular with our customers"), _("Popular with our customers")),
    ReasonCode.POPULAR_RECENT: (_("Popular right now"), _("Popular right now")),
    ReasonCode.NEWEST: (_("New in the shop"), _("New in the shop")),
}


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
