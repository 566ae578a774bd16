"""Texts as the index of the search keeps them: folded, and as words with their endings.

A query is found wherever it stands in a text. Each part of a query begins somewhere in a word, so the index
keeps every ending of every word once, sorted: what begins with a part of the query stands side by side.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

LONGEST_TEXT = 1_000
"""Characters of a text that are looked at."""
LONGEST_WORD = 64
LONGEST_PART = 32
"""Characters of a part of a query that the index is asked for; the text tells whether the rest is there."""
_STEP = LONGEST_WORD - LONGEST_PART
_SHORTEST_HASH = 16
_ACCENTS = re.compile("[\u0300-\u036f]")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]")
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\U0010ffff]")
_WORDS = re.compile(r"[^\W_]+|[^\s\w]|_")
_HASH = re.compile(r"(?=.*\d)[0-9a-f]+")


def folded(text: str) -> str:
    """Return the text without case, accents, and what nobody sees; one space between words."""
    text = text[:LONGEST_TEXT]
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text).casefold())
    return " ".join(_UNWRITABLE.sub(" ", text.lower()).split())[:LONGEST_TEXT]


def words(text: str) -> set[str]:
    """Return the words of a folded text. What is neither letter nor digit is a word of its own.

    A long word, such as a sentence in Japanese, becomes several that overlap: each part of a query that is
    no longer than LONGEST_PART is in one of them.
    """
    return {piece for word in _WORDS.findall(text) for piece in _pieces(word)}


def runs(term: str) -> list[str]:
    """Return the parts of a term of a query, in their order."""
    return _WORDS.findall(term)


@lru_cache(maxsize=4096)
def endings(word: str) -> frozenset[str]:
    """Return what a word ends with, without the word itself, each as far as a query is asked for.

    A hash has none: it is found by its beginning.
    """
    if len(word) >= _SHORTEST_HASH and _HASH.fullmatch(word):
        return frozenset()
    return frozenset(word[start : start + LONGEST_PART] for start in range(1, len(word)))


def _pieces(word: str) -> Iterator[str]:
    if len(word) <= LONGEST_WORD:
        yield word
        return
    for start in range(0, len(word) - _STEP, _STEP):
        yield word[start : start + LONGEST_WORD]
