"""What a writer returns, and the names that it makes: of letters and digits, whatever a contract has."""

import re

from tally.assistants.drafting.interaction import Drafted, Leaf, NamedLeaves
from tally.values import dataclass

_LONGEST_NAME = 60
_OTHERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Written:
    """A test in a *file* of this name, the steps that run it, and what its language could not say."""

    file: str
    text: str
    steps: tuple[str, ...]
    notes: tuple[str, ...] = ()


def words_of(drafted: Drafted) -> list[str]:
    """Return the words of the description in ASCII, in lower case, as far as a name has room for them."""
    words = _OTHERS.sub(" ", drafted.description.lower()).split()
    found: list[str] = []
    for word in words:
        if sum(map(len, found)) + len(found) + len(word) > _LONGEST_NAME:
            break
        found.append(word)
    return found or ["interaction"]


def content_headers(headers: NamedLeaves, kind: str | None) -> NamedLeaves:
    """Return the headers with the content type of the body, if there is one."""
    return (("Content-Type", (Leaf(kind),)), *headers) if kind else headers


def sent(headers: NamedLeaves) -> list[tuple[str, str]]:
    """Return the headers as a client sends them: several values are one text."""
    return [(name, ", ".join(leaf.value for leaf in leaves)) for name, leaves in headers]
