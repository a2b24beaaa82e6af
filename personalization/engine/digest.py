"""What values are, as a few bytes: nothing changed where these are equal."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np

DIGEST_BYTES: Final = 16


def digest_of(*parts: Any) -> bytes:
    """16 bytes, equal where texts, arrays, and the fields of dataclasses such as `Interactions` are; BLAKE2b.

    The order of entries counts, as does the type of an array.
    """
    running = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        _add(running, part)
    return running.digest()


def _add(running: blake2b, value: Any) -> None:
    if isinstance(value, np.ndarray):
        running.update(f"{value.dtype.str}{value.shape}".encode())
        running.update(np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value):
        for field in fields(value):
            running.update(f"{field.name}=".encode())
            _add(running, getattr(value, field.name))
    else:
        running.update(f"{value!r};".encode())
