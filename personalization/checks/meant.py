"""Which of the known names somebody probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def unknown_names(written: Iterable[object], known: Iterable[str], *, noun: str) -> Iterator[str]:
    """A fault for each name that nothing goes by, with the one that was meant or all there are."""
    names = list(known)
    for name in written:
        if name not in names:
            yield f"has no {noun} {name!r}; {_advice(name, names)}"


def meant(name: object, known: Iterable[str]) -> str | None:
    """The known name that is nearest, whatever case it was written in."""
    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(str(name).casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


def _advice(name: object, known: list[str]) -> str:
    nearest = meant(name, known)
    return f"did you mean {nearest!r}?" if nearest else f"there are {', '.join(known)}"
