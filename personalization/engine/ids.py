"""Digests: how texts of any length and any script become portable unique keys."""

import re
from hashlib import blake2b

DIGEST_SIZE = 16

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


def is_key(text: object) -> bool:
    """Whether something can be a key: text of 1 to KEY_LENGTH characters that every database can store."""
    return isinstance(text, str) and 0 < len(text) <= KEY_LENGTH and not _UNSTORABLE.search(text)


def storable(text: str) -> str:
    """The text with U+FFFD in place of every character that a database cannot store."""
    return _UNSTORABLE.sub("\ufffd", text)
