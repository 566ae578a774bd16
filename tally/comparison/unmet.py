"""What a consumer relies on and a document does not promise, as a value."""

from collections.abc import Iterable
from typing import NamedTuple

from tally.comparison.findings import Reason

Path = tuple[str | int, ...]


class Unmet(NamedTuple):
    """One thing that the consumer relies on and the document does not promise.

    *never* says that no answer at all has it.
    """

    path: Path
    reason: Reason
    text: str
    document: str
    never: bool = False


def one_of(types: Iterable[str]) -> str:
    """Return types in words: "a string or an integer"."""
    articles = {"integer": "an integer", "object": "an object", "array": "a list"}
    words = sorted({articles.get(name, f"a {name}") for name in types})
    return " or ".join(words)
