"""What a recording expects: declared interactions, read from their documents as a verifier reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tally import json_text
from tally.pact import HttpInteraction, Interaction, parse_pact

_VERSIONS = {"V2": "2.0.0", "V3": "3.0.0", "V4": "4.0"}


@dataclass(frozen=True)
class Expected:
    """A declared interaction with the line that declares it."""

    interaction: HttpInteraction
    declared_at: str | None = None


def read_interactions(
    documents: Sequence[Mapping[str, Any]], specification: str, kind: str = "interactions"
) -> tuple[Interaction, ...]:
    """Return the interactions that stand under *kind* in a pact file of *specification*."""
    return parse_pact(
        {
            "consumer": {"name": "consumer"},
            "provider": {"name": "provider"},
            kind: [_as_numbers(document) for document in documents],
            "metadata": {"pactSpecification": {"version": _VERSIONS[specification]}},
        }
    ).interactions


def _as_numbers(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the interaction with a request of plain numbers, to compare; answers keep their digits."""
    found = dict(document)
    if "request" in found:
        found["request"] = json_text.plain(found["request"])
    return found
