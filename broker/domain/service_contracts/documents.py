"""The documents of a version: told apart by their names, each content known by its hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class NewDocument:
    """A document to be published; *text* is its JSON, *sha* the hash of what that says."""

    name: str
    specification: str
    sha: str
    text: bytes
    operations_count: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentInSet:
    """What is known of a document of a version without reading it; *id* is that of its content."""

    name: str
    id: int
    sha: str
    specification: str
    operations_count: int


@dataclass(frozen=True)
class DocumentSet:
    """The documents of a version, by name; *published_at* is when the version got the first.

    *decides* is false for what was published before service contracts counted in decisions; a policy of the
    service makes it count.
    """

    id: int
    sha: str
    version: str
    published_at: datetime
    decides: bool
    documents: tuple[DocumentInSet, ...]

    @property
    def shas(self) -> dict[str, str]:
        """The hashes of the contents by the names of the documents."""
        return {document.name: document.sha for document in self.documents}


def set_hash(shas: Mapping[str, str]) -> str:
    """Return the hash of a set: equal when the names and the contents are."""
    lines = "".join(f"{sha} {name}\n" for name, sha in sorted(shas.items()))
    return hashlib.sha1(lines.encode(), usedforsecurity=False).hexdigest()
