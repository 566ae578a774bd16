"""What a person asks the search for."""

from collections.abc import Sequence

from broker.domain.search.words import LONGEST_PART, folded, runs
from tally.values import dataclass

LONGEST_QUERY = 200
MOST_TERMS = 8
MOST_PARTS = 3
"""Parts of a query that the index is asked for; what it finds is compared with all of the query."""
_LAST = "\U0010ffff"
"""Sorts behind every character that a text can have."""


@dataclass(frozen=True)
class Part:
    """A part of a query, of which the index knows the words.

    With *begins* a word must begin with it, with *ends* a word must end with it: something else stands beside
    it in the query.
    """

    text: str
    begins: bool
    ends: bool

    @property
    def words(self) -> tuple[str, str]:
        """The first and the last word that may be meant."""
        return self.text, self.text if self.ends else self.text + _LAST

    @property
    def endings(self) -> tuple[str, str]:
        """The first and the last ending of a word that may be meant; nothing is between them if none may."""
        return (_LAST, "") if self.begins else self.words


@dataclass(frozen=True)
class Query:
    """A query: every one of its *terms* has to be in a text, as it is written."""

    terms: tuple[str, ...]
    parts: tuple[Part, ...]


def query(text: str) -> Query | None:
    """Return what the text asks for, or None when it asks for nothing.

    Terms after the first MOST_TERMS are left out.
    """
    terms = tuple(dict.fromkeys(folded(text).split()))[:MOST_TERMS]
    parts = [part for term in terms for part in _parts(runs(term))]
    # A long part is in few words, so what has to be compared is less.
    chosen = sorted(dict.fromkeys(parts), key=_usefulness, reverse=True)[:MOST_PARTS]
    return Query(terms, tuple(chosen)) if chosen else None


def _parts(found: Sequence[str]) -> list[Part]:
    last = len(found) - 1
    return [
        Part(
            run[:LONGEST_PART],
            begins=index > 0 or not run[0].isalnum(),
            ends=len(run) <= LONGEST_PART and (index < last or not run[0].isalnum()),
        )
        for index, run in enumerate(found)
    ]


def _usefulness(part: Part) -> tuple[bool, int, bool]:
    return part.text[0].isalnum(), len(part.text), part.begins and part.ends
