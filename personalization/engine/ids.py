"""Digests: how texts of any length and any script become portable unique keys."""

import re
from collections.abc import Iterable
from hashlib import blake2b

DIGEST_SIZE = 16
_COMMON = 4  #: bytes that `near_digests` have in common

#: The longest key of an item, a visitor or a person, in characters.
KEY_LENGTH = 255

#: NUL, which PostgreSQL cannot store, and lone surrogates, which no encoding can.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def digest(*parts: str) -> bytes:
    """The 16-byte BLAKE2b digest of a sequence of texts.

    Every part is framed by a terminator that cannot occur in UTF-8 text, so ``("ab", "c")`` and
    ``("a", "bc")`` differ. Database collations that equate ``ABC1``/``abc1`` or ``cafe``/``café`` do not
    equate digests.
    """
    return blake2b(b"\xff".join([part.encode() for part in parts]), digest_size=DIGEST_SIZE).digest()


def near_digests(texts: Iterable[str], *parts: str) -> list[bytes]:
    """Unique keys as `digest` makes them, of texts that have the other parts in common, and so have their first bytes.

    Rows that are written together then stand together in the index: a batch touches a few of its pages, not one for
    each row.
    """
    common = digest(*parts)
    return [
        common[:_COMMON] + blake2b(text.encode(), key=common, digest_size=DIGEST_SIZE - _COMMON).digest()
        for text in texts
    ]


def is_key(text: object) -> bool:
    """Whether something can be a key: text of 1 to KEY_LENGTH characters that every database can store."""
    return isinstance(text, str) and 0 < len(text) <= KEY_LENGTH and not _UNSTORABLE.search(text)


def storable(text: str) -> str:
    """The text with U+FFFD in place of every character that a database cannot store."""
    return _UNSTORABLE.sub("\ufffd", text)
