"""What is in the index of the search, and what is found there."""

from collections.abc import Iterator, Sequence
from enum import IntEnum

from broker.domain.pacts.reading import ReadInteraction, read_content
from broker.domain.search.words import LONGEST_TEXT, folded
from tally.errors import InvalidContractError
from tally.values import dataclass

MOST_BYTES = 16_000_000
"""A larger pact is not read for the search."""


class Kind(IntEnum):
    """What can be found; the number is what the database keeps."""

    APPLICATION = 1
    INTEGRATION = 2
    INTERACTION = 3
    STATE = 4
    BRANCH = 5
    VERSION = 6


@dataclass(frozen=True)
class Entry:
    """A thing to be found. *owner_id* is of the integration, for interactions and states as well.

    *interaction* is what the page of a pact calls it in links, of a state the first that needs it.
    *contents* says which contents of an integration have been read.
    """

    kind: Kind
    owner_id: int
    text: str
    title: str = ""
    method: str = ""
    path: str = ""
    interaction: str = ""
    on_main: bool = False
    contents: str = ""

    @property
    def key(self) -> tuple[Kind, int, str, str, str, str]:
        """What makes it another entry when it is another."""
        return self.kind, self.owner_id, self.text, self.title, self.method, self.path


def of_application(owner_id: int, *texts: str | None) -> Entry:
    """Return the entry of an application: its names and labels, each once."""
    return Entry(Kind.APPLICATION, owner_id, " ".join(dict.fromkeys(folded(text) for text in texts if text)))


def of_name(kind: Kind, owner_id: int, name: str) -> Entry:
    """Return the entry of a branch or a version."""
    return Entry(kind, owner_id, folded(name))


def of_integration(owner_id: int, consumer: str, provider: str, contents: str) -> Entry:
    """Return the entry of an integration itself."""
    text = f"{folded(consumer)} {folded(provider)}"
    return Entry(Kind.INTEGRATION, owner_id, text, contents=contents)


def of_pact(owner_id: int, content: bytes, *, on_main: bool) -> Iterator[Entry]:
    """Yield the interactions and the states of a pact, each text once; none of what is no pact."""
    states: dict[str, str] = {}
    found: dict[tuple[str, str, str], str] = {}
    for read in _interactions(content):
        method, _, path = read.request.partition(" ")
        texts = read.interaction.description, method, path
        found.setdefault((_kept(texts[0]), _kept(texts[1]), _kept(texts[2])), read.anchor)
        for state in read.interaction.states:
            states.setdefault(_kept(state.name), read.anchor)
    for (description, method, path), number in found.items():
        text = " ".join(folded(part) for part in (description, method, path) if part)
        yield Entry(
            Kind.INTERACTION, owner_id, text, description, method, path, interaction=number, on_main=on_main
        )
    for name, number in states.items():
        if name:
            yield Entry(Kind.STATE, owner_id, folded(name), name, interaction=number, on_main=on_main)


def _interactions(content: bytes) -> Sequence[ReadInteraction]:
    if len(content) > MOST_BYTES:
        return ()
    try:
        return read_content(content).interactions
    except (InvalidContractError, ValueError, RecursionError):
        return ()


def _kept(text: str) -> str:
    """Return as much of a text as is shown, without what PostgreSQL cannot keep."""
    return text[:LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode()
