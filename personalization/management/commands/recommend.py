"""Items for one visitor, or items like one item."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from personalization.adapters import get_adapter
from personalization.engine.ids import is_key
from personalization.engine.types import Identity, IdentityKind, Query
from personalization.exceptions import InvalidInputError
from personalization.management.json_command import JsonCommand, parse_instant
from personalization.serving import answer_dict, recommend
from personalization.store.items import item_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser

_KINDS = {"user": IdentityKind.USER, "email": IdentityKind.EMAIL, "visitor": IdentityKind.VISITOR}


class Command(JsonCommand):
    help = "Recommend items to somebody, with reasons."

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", metavar="KEY", help="the shop's user key")
        who.add_argument("--email", metavar="E", help="an e-mail address")
        who.add_argument("--visitor", metavar="KEY", help="an imported or first-party browser key")
        who.add_argument("--item", metavar="KEY", help="recommend items like this one")
        parser.add_argument("--slot", metavar="NAME", help="default: for_you, or similar with --item")
        parser.add_argument("--count", type=int, default=10)
        parser.add_argument("--as-of", metavar="ISO", help="pretend that it is this instant")
        parser.add_argument("--tenant", default="", metavar="T")

    def run(self, **options: Any) -> Mapping[str, Any]:
        as_of = options["as_of"]
        item = options["item"]
        query = Query(
            slot=options["slot"] or ("for_you" if item is None else "similar"),
            now=time.time_ns() // 1000 if as_of is None else parse_instant("as-of", as_of),
            count=options["count"],
            identity=_identity(options),
            items=() if item is None else (_item(item, options["tenant"]),),
            tenant=options["tenant"],
        )
        answer = recommend(query)
        self._titles = {item.key: item.card.title for item in answer.items}
        return answer_dict(answer)

    def show(self, result: Mapping[str, Any]) -> list[str]:
        lines = [
            f"{entry['item']}  {entry['score']:.4f}  {self._titles[entry['item']]}: {entry['reason']['text']}"
            for entry in result["items"]
        ]
        return [f"{result['mode']}  {result['recommendation_id']}", *(lines or [_("Nothing to show.")])]


def _identity(options: Mapping[str, Any]) -> Identity | None:
    return next(
        (
            Identity(kind, _key(name, options[name]))
            for name, kind in _KINDS.items()
            if options[name] is not None
        ),
        None,
    )


def _item(text: str, tenant: str) -> str:
    """The key of an item that is known to us or to the shop, or of a variant of one."""
    key, adapter = _key("item", text), get_adapter()
    if item_ids([key], tenant=tenant) or adapter.find_items([key], tenant):
        return key
    if not adapter.canonical_keys([key], tenant):
        raise InvalidInputError("item", f"no item has the key {key[:40]!r}")
    return key


def _key(name: str, text: str) -> str:
    if not is_key(text):
        raise InvalidInputError(name, f"{text[:40]!r} cannot be a key")
    return text
