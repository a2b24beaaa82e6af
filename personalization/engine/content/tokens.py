"""Texts as words and pieces of words, in every script and without a dictionary."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U00020000-\U0003ffff"
)
#: Letters and digits, with the marks that Python counts as neither: accents, and the vowel signs of Indian scripts.
_SPACED: Final = f"(?:[^\\W_{_UNSPACED}]|[\u0300-\u036f\u0900-\u0dff])+"
_RUN: Final = re.compile(f"([{_UNSPACED}]+)|({_SPACED})")
_PIECE: Final = 3  #: characters of a piece of a word


def words(text: str) -> list[str]:
    """The words of a text, folded for comparing; where a script has no spaces, each two characters that follow.

    Pairs of characters find Chinese texts about as well as words do: Nie, Gao, Zhang and Zhou, On the use of words and
    n-grams for Chinese information retrieval, IRAL 2000.

    >>> words("Red CUPS, 红色连衣裙")
    ['red', 'cups', '红色', '色连', '连衣', '衣裙']
    """
    found: list[str] = []
    for run, spaced in _runs(text):
        found += [run] if spaced or len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return found


def phrases(text: str) -> list[str]:
    """The words, and each two words that follow each other in the text."""
    single = words(text)
    return [*single, *[f"{left} {right}" for left, right in pairwise(single)]]


def pieces(text: str) -> list[str]:
    """Three characters that follow each other in a word, its ends marked by a space: what misspelled, inflected and
    compound words have in common. Where a script has no spaces, each character.

    >>> pieces("cups 裙")
    [' cu', 'cup', 'ups', 'ps ', '裙']
    """
    found: list[str] = []
    for run, spaced in _runs(text):
        padded = f" {run} " if spaced else run
        size = _PIECE if spaced else 1
        found += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    return found


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """(characters that belong together, whether their script has spaces)."""
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield match[0], match[1] is None
