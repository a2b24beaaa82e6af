"""One signed token per answer: whoever reports an impression or a click hands it back, unread."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from personalization.conf import settings
from personalization.engine.types import Mode
from personalization.exceptions import InvalidInputError

#: Longer texts are refused before anything is computed.
LONGEST: Final = 64_000
_VERSION: Final = 1
_SIGNATURE_BYTES: Final = 16
_PURPOSE: Final = b"pers.answer"
_quote = json.encoder.encode_basestring_ascii


@dataclass(frozen=True, slots=True)
class AnswerToken:
    """What was shown. ``items``: keys in order; ``propensity``: how probable this arm was; ``at``: microseconds."""

    id: str
    slot: str
    mode: Mode
    items: tuple[str, ...]
    build: int | None = None
    arm: str = ""
    propensity: float = 1.0
    tenant: str = ""
    at: int = 0
    campaign: int | None = None


def sign_answer(answer: AnswerToken) -> str:
    """The token as URL-safe text."""
    items = ",".join(map(_quote, answer.items))
    campaign = "" if answer.campaign is None else f",{answer.campaign}"
    content = (
        f"[{_VERSION},{_quote(answer.id)},{_quote(answer.slot)},{_quote(answer.mode)},[{items}],"
        f"{'null' if answer.build is None else answer.build},{_quote(answer.arm)},{answer.propensity!r},"
        f"{_quote(answer.tenant)},{answer.at}{campaign}]"
    ).encode("ascii")
    return _text(content) + "." + _text(_signature(content, settings.secret_keys[0]))


def read_token(token: str) -> AnswerToken:
    """What a token says.

    Raises InvalidInputError naming ``token``: the same error whatever is wrong with it.
    """
    try:
        content = _verified(token)
        version, id_, slot, mode, items, *rest = json.loads(content)
        if version == _VERSION:
            return AnswerToken(id_, slot, Mode(mode), tuple(items), *rest)
    except (ValueError, TypeError, AttributeError):
        pass
    raise InvalidInputError("token", "this token is not valid", code="token")


def _verified(token: str) -> bytes:
    """The signed content. Raises ValueError."""
    if len(token) > LONGEST:
        raise ValueError("too long")
    body, _, _ = token.encode("ascii").partition(b".")
    content = urlsafe_b64decode(body + b"=" * (-len(body) % 4))
    # Texts are compared, not what they decode to: base64 has several texts for the same bytes.
    written = [_text(content) + "." + _text(_signature(content, secret)) for secret in settings.secret_keys]
    if not any(hmac.compare_digest(token, right) for right in written):
        raise ValueError("signature")
    return content


def _signature(content: bytes, secret: str) -> bytes:
    # Keyed BLAKE2b is a MAC by itself, and here ten times faster than HMAC through OpenSSL.
    return blake2b(content, key=_key(secret), digest_size=_SIGNATURE_BYTES, person=_PURPOSE).digest()


@lru_cache(maxsize=16)
def _key(secret: str) -> bytes:
    """A key for this purpose alone: nothing signed elsewhere with the same secret can pass for a token."""
    return blake2b(secret.encode(), digest_size=32, person=_PURPOSE).digest()


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
