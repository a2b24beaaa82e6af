"""Digests: how texts of any length and any script become portable unique keys."""

from hashlib import blake2b

DIGEST_SIZE = 16


def digest(*parts: str) -> bytes:
    """The 16-byte BLAKE2b digest of a sequence of texts.

    Every part is framed by a terminator that cannot occur in UTF-8 text, so ``("ab", "c")`` and
    ``("a", "bc")`` differ. Database collations that equate ``ABC1``/``abc1`` or ``cafe``/``café`` do not
    equate digests.
    """
    return blake2b(b"\xff".join([part.encode() for part in parts]), digest_size=DIGEST_SIZE).digest()
