"""JSON as people and programs really send it, read without any leniency."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from personalization.engine.rules.field import refusal

if TYPE_CHECKING:
    from typing import NoReturn

#: The longest text of a rule, in bytes of UTF-8.
MAX_BYTES: Final = 65_536

_LONGEST_NUMBER = 20


class Members(dict[str, object]):
    """An object of JSON that remembers which of its keys stood there more than once."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = (
            sorted({name for name in names if names.count(name) > 1}) if len(self) < len(names) else []
        )


def parse_json(text: str | bytes) -> object:
    """What the text holds; objects are `Members`.

    Raises RefusedError with the code size, encoding, json or depth.
    """
    if len(text) > MAX_BYTES:
        raise refusal("size", f"is longer than {MAX_BYTES:,} bytes")
    written = _decoded(text)
    try:
        return json.loads(
            written,
            object_pairs_hook=Members,
            parse_int=_whole,
            parse_constant=_refuse_constant,
        )
    except RecursionError:
        raise refusal("depth", "is nested too deeply") from None
    except ValueError as error:
        raise refusal("json", f"is not JSON: {error}") from None


def _decoded(text: str | bytes) -> str:
    try:
        encoded = text.encode() if isinstance(text, str) else text
        written = encoded.decode()
    except UnicodeError:
        raise refusal("encoding", "is not text in UTF-8") from None
    if len(encoded) > MAX_BYTES:
        raise refusal("size", f"is longer than {MAX_BYTES:,} bytes")
    return written


def _whole(digits: str) -> int | float:
    """Longer numbers are in no field's range, and Python refuses to read very long ones."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float("inf")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
