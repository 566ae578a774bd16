"""Pacts of which some interactions cannot be read: the others are compared."""

from typing import Any

from tally.errors import InvalidContractError
from tally.pact import Interaction, Pact, parse_pact
from tally.pact.parsing import specification_of
from tally.values import dataclass

_LISTS = ("interactions", "messages")


@dataclass(frozen=True)
class UnreadableInteraction(Interaction):
    """An interaction that is none; *problem* says why."""

    problem: str = ""


def parse_what_can_be_read(document: object) -> Pact:
    """Return what a pact says, with an UnreadableInteraction for each that cannot be read.

    Raises InvalidContractError when the document is no pact, or nothing in it can be read.
    """
    try:
        return parse_pact(document)
    except InvalidContractError as error:
        if not isinstance(document, dict):
            raise
        read = [
            _read(document, kind, index, raw)
            for kind in _LISTS
            for index, raw in enumerate(document[kind] if isinstance(document.get(kind), list) else ())
        ]
        if all(isinstance(interaction, UnreadableInteraction) for interaction in read):
            raise InvalidContractError(str(error)) from error
        names = [document[party]["name"] for party in ("consumer", "provider")]
        return Pact(names[0], names[1], tuple(read), specification_of(document), document)


def _read(document: dict[str, Any], kind: str, index: int, raw: object) -> Interaction:
    alone = {key: value for key, value in document.items() if key not in _LISTS}
    try:
        return parse_pact({**alone, kind: [raw]}).interactions[0]
    except InvalidContractError as error:
        said = raw.get("description") if isinstance(raw, dict) else None
        description = said if isinstance(said, str) else f"{kind}[{index}]"
        problem = str(error).replace(f"{kind}[0]", f"{kind}[{index}]")
        return UnreadableInteraction(description, problem=problem)
