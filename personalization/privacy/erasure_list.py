"""The list of who was erased as a file: put it beside every backup, and apply it after one was restored."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.ids import DIGEST_SIZE, is_key
from personalization.engine.types import IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.privacy.erasure import Erased, erase_again
from personalization.store.erasures import Tombstone, iter_erasures, key_check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_LIST: Final = "personalization-erasures"
_KINDS: Final = {kind.name.lower(): kind for kind in IdentityKind}
_FIELDS: Final = {"tenant": str, "kind": str, "digest": str, "erased_at": int}
_FUTURE: Final = 86_400_000_000  #: how far the clock that wrote a list may have been ahead
_TENANT_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Applied:
    """``listed``: lines of the list; ``erased``: what came back and went again."""

    listed: int
    erased: Erased


def write_list(path: str) -> int:
    """Write the list; the file appears when it is whole. How many entries it has."""
    part = Path(f"{path}.part")
    count = 0
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as file:
        file.write(json.dumps({"list": _LIST, "key": key_check()[0]}) + "\n")
        for stone in iter_erasures():
            row = stone._asdict() | {
                "kind": IdentityKind(stone.kind).name.lower(),
                "digest": stone.digest.hex(),
            }
            file.write(json.dumps(row) + "\n")
            count += 1
    part.replace(path)
    return count


def apply_list(path: str, *, now: int) -> Applied:
    """Erase again whoever is on the list, and bar what comes late of them. It may be repeated.

    The whole file is read before anything is done. Raises InvalidInputError naming ``apply``.
    """
    try:
        with Path(path).open(encoding="utf-8") as file:
            stones = list(_read(file, now))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInputError("apply", f"'{path}' cannot be read: {error}") from error
    return Applied(len(stones), erase_again(stones))


def _read(file: TextIO, now: int) -> Iterator[Tombstone]:
    header = _object(file.readline(), 1)
    if header.get("list") != _LIST:
        raise InvalidInputError("apply", "this is not a list of erasures")
    if header.get("key") not in key_check():
        raise InvalidInputError(
            "apply",
            "the list was written under another SECRET_KEY; put that into SECRET_KEY_FALLBACKS",
        )
    for number, line in enumerate(file, start=2):
        yield _tombstone(_object(line, number), number, now)


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise InvalidInputError("apply", f"line {number} is not a JSON object")
    return row


def _tombstone(row: dict[str, Any], number: int, now: int) -> Tombstone:
    typed = row.keys() == _FIELDS.keys() and all(type(row[name]) is kind for name, kind in _FIELDS.items())
    if not (
        typed
        and row["kind"] in _KINDS
        and len(row["digest"]) == 2 * DIGEST_SIZE
        and set(row["digest"]) <= set("0123456789abcdef")
        and (not row["tenant"] or (is_key(row["tenant"]) and len(row["tenant"]) <= _TENANT_LENGTH))
        and 0 <= row["erased_at"] <= now + _FUTURE
    ):
        raise InvalidInputError("apply", f"line {number} is no entry of a list of erasures")
    return Tombstone(row["tenant"], int(_KINDS[row["kind"]]), bytes.fromhex(row["digest"]), row["erased_at"])
