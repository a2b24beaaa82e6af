"""How rules are put into words: texts are marked here and translated by whoever passes ``translate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Translate = Callable[[str], str]

#: How many values a sentence names before it only counts them.
NAMED = 8


def gettext_noop(message: str) -> str:
    """Marks a text for the catalogs of translations; the engine itself knows no language."""
    return message


OR = gettext_noop("{first} or {last}")
AND = gettext_noop("{first} and {last}")
_COMMA = gettext_noop("{first}, {next}")
_QUOTED = gettext_noop("“{text}”")
_MANY = gettext_noop("{some} … ({count} in all)")
_LAST_DAY = gettext_noop("{sentence} in the last day")
_LAST_DAYS = gettext_noop("{sentence} in the last {days} days")


def quoted(text: str, translate: Translate) -> str:
    return translate(_QUOTED).format(text=text)


def listed(words: Iterable[str], joint: str, translate: Translate) -> str:
    """``a``, ``a or b``, ``a, b or c``; of many only the first, and how many there are. ``joint``: OR or AND."""
    named = list(words)
    if len(named) > NAMED:
        return translate(_MANY).format(some=_chained(named[:NAMED], translate), count=len(named))
    if len(named) == 1:
        return named[0]
    return translate(joint).format(first=_chained(named[:-1], translate), last=named[-1])


def _chained(words: list[str], translate: Translate) -> str:
    chain = words[0]
    for word in words[1:]:
        chain = translate(_COMMA).format(first=chain, next=word)
    return chain


def in_the_last(sentence: str, days: object, translate: Translate) -> str:
    """The sentence, of the last days only; as it is when there is no such limit."""
    if days is None:
        return sentence
    return translate(_LAST_DAY if days == 1 else _LAST_DAYS).format(sentence=sentence, days=days)
