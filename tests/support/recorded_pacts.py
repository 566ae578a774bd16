"""A pact file of interactions that the consumer SDK has made."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tally import json_text

VERSIONS = {"V4": "4.0", "V3": "3.0.0", "V2": "2.0.0"}


def pact_of(
    interactions: Iterable[dict[str, Any]], specification: str, directory: Path, *, kind: str = "interactions"
) -> Path:
    """Write the file, and return its path."""
    document = {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        kind: list(interactions),
        "metadata": {"pactSpecification": {"version": VERSIONS[specification]}},
    }
    path = directory / "pact.json"
    path.write_text(json_text.indented(document), encoding="utf-8")
    return path
