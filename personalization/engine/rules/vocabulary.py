"""All kinds of condition there are: the built-in ones, and those of a host."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from personalization.engine.errors import InvalidInputError
from personalization.engine.rules.kinds import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from personalization.engine.rules.facts import Scope
    from personalization.engine.rules.kind import Kind

_CODE = re.compile(r"[a-z]+\.[a-z][a-z0-9_]{0,40}")
_TAKEN = frozenset({"kind", "op"})


class Vocabulary:
    """The kinds that rules may be written with, by code.

    Raises InvalidInputError naming ``kinds`` when a code is malformed, outside its scope or taken, when a field has a
    name that conditions use themselves, or when a kind is sensitive.
    """

    __slots__ = ("_kinds",)

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds: dict[str, Kind] = {}
        for kind in kinds:
            _check(kind)
            if kind.code in self._kinds:
                raise InvalidInputError("kinds", f"{kind.code} is there twice")
            self._kinds[kind.code] = kind

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def __len__(self) -> int:
        return len(self._kinds)

    def find(self, code: str) -> Kind | None:
        return self._kinds.get(code)

    def in_scopes(self, scopes: Collection[Scope]) -> tuple[Kind, ...]:
        """The kinds that a use with these scopes may offer."""
        return tuple([kind for kind in self if kind.scope in scopes])

    def extended(self, *kinds: Kind) -> Vocabulary:
        """This vocabulary, and a host's own kinds."""
        return Vocabulary([*self, *kinds])


@lru_cache(maxsize=1)
def default_vocabulary() -> Vocabulary:
    """The built-in kinds."""
    return Vocabulary([kind() for kind in BUILT_IN])


def _check(kind: Kind) -> None:
    if not _CODE.fullmatch(kind.code) or not kind.code.startswith(f"{kind.scope}."):
        raise InvalidInputError("kinds", f"{kind.code!r} must be a name in the scope {kind.scope}")
    if kind.sensitive:
        raise InvalidInputError("kinds", f"{kind.code} is sensitive: rules must not decide by it")
    if _TAKEN & {field.name for field in kind.fields}:
        raise InvalidInputError("kinds", f"{kind.code} has a field named kind or op")
