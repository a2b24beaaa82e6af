"""A block as its tag was written, signed: what a page that everybody shares says of it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Final

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext

from personalization.exceptions import InvalidInputError

#: The longest text of a signed block; addresses that hold several must stay within what servers accept.
LONGEST: Final = 2_000
_SALT: Final = "personalization.block"


@dataclass(frozen=True, slots=True)
class Block:
    """Which slot, about which items, how many, without which, under which heading (as HTML), on a page in which
    language."""

    slot: str
    items: tuple[str, ...] = ()
    count: int | None = None
    exclude: tuple[str, ...] = ()
    title: str = ""
    language: str = ""


def sign_block(block: Block) -> str:
    """The block as URL-safe text. Of keys that are too many for it, the last are left out."""
    text = _signer().sign_object(astuple(block), compress=True)
    if len(text) <= LONGEST:
        return text
    if block.exclude:
        return sign_block(replace(block, exclude=block.exclude[: len(block.exclude) // 2]))
    if len(block.items) > 1:
        return sign_block(replace(block, items=block.items[: len(block.items) // 2]))
    raise InvalidInputError("title", "the title is too long for a lazy block", code="too_long")


def read_block(text: str) -> Block:
    """The block that was signed. There is no age limit: pages may be cached for as long as the shop likes.

    Raises InvalidInputError naming ``b``.
    """
    try:
        name, items, count, exclude, title, language = _signer().unsign_object(_short(text))
    except (BadSignature, ValueError) as error:
        raise InvalidInputError("b", gettext("This block is not one of ours."), code="signature") from error
    return Block(name, tuple(items), count, tuple(exclude), title, language)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise BadSignature
    return text


def _signer() -> Signer:
    return Signer(salt=_SALT)
