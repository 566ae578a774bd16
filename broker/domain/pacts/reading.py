"""A content read for people: its interactions as values, or the reason why it is no pact."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property

from broker.domain.pacts.outline import LISTS, key_of
from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.pact import HttpInteraction, Interaction, MessageInteraction, parse_pact
from tally.values import dataclass

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class InteractionKind(Enum):
    """What an interaction exchanges."""

    HTTP = "http"
    MESSAGE = "message"
    SYNCHRONOUS = "synchronous"


@dataclass(frozen=True)
class ReadInteraction:
    """An interaction by its id, which links lead to as *anchor*, and by what stays when it changes."""

    id: str
    key: str
    anchor: str
    kind: InteractionKind
    interaction: Interaction

    @cached_property
    def request(self) -> str:
        """The method and the path; "" for messages."""
        if not isinstance(self.interaction, HttpInteraction):
            return ""
        return f"{self.interaction.request.method.upper()} {self.interaction.request.path}"

    @cached_property
    def place(self) -> tuple[bool, str, str, str]:
        """Where it is in an index: by path and method, what has none at the end."""
        method, _, path = self.request.partition(" ")
        return (not path, path, method, self.interaction.description.casefold())

    @cached_property
    def names(self) -> str:
        """All that names it, in lower case: to be searched."""
        states = (state.name for state in self.interaction.states)
        return "\n".join((self.interaction.description, self.request, *states)).casefold()


@dataclass(frozen=True)
class ReadContent:
    """The interactions of a content; *document* is the whole when it is no pact, and *reason* says why."""

    interactions: Sequence[ReadInteraction] = ()
    specification: str = ""
    document: object = None
    reason: str | None = None


def read_content(text: bytes) -> ReadContent:
    """Return what a content says; numbers keep their digits."""
    document = parse_exactly(text)
    try:
        pact = parse_pact(document)
    except InvalidContractError as error:
        return ReadContent(document=document, reason=str(error))
    items = [item for name in LISTS for item in document.get(name) or ()]
    anchors: dict[str, int] = {}
    return ReadContent(
        [_interaction(raw, read, anchors) for raw, read in zip(items, pact.interactions, strict=True)],
        pact.specification,
    )


def _interaction(raw: Mapping[str, object], read: Interaction, anchors: dict[str, int]) -> ReadInteraction:
    identifier, key = read.id or "", key_of(raw)
    anchor = identifier if _PLAIN_ID.fullmatch(identifier) else key
    anchors[anchor] = before = anchors.get(anchor, 0) + 1
    if before > 1:  # a consumer may give the same id twice
        anchor = f"{anchor}-{before}"
    return ReadInteraction(identifier, key, anchor, _kind(read), read)


def _kind(interaction: Interaction) -> InteractionKind:
    if isinstance(interaction, HttpInteraction):
        return InteractionKind.HTTP
    is_message = isinstance(interaction, MessageInteraction)
    return InteractionKind.MESSAGE if is_message else InteractionKind.SYNCHRONOUS
