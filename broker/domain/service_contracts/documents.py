"""The documents of a version: told apart by their names, each content known by its hash."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from broker.domain.model import Pacticipant, Version
from tally.service_contract.model import ServiceContract
from tally.values import dataclass


@dataclass(frozen=True)
class SelfVerification:
    """What the provider's own tests said of a document. *results* and *verified_by* are JSON."""

    success: bool
    results: bytes | None = None
    verified_by: bytes | None = None


@dataclass(frozen=True)
class NewDocument:
    """A document to be published; *text* is its JSON, *sha* the hash of what that says, *contract* parsed."""

    name: str
    specification: str
    sha: str
    text: bytes
    operations_count: int
    contract: ServiceContract = field(repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    self_verification: SelfVerification | None = None


@dataclass(frozen=True)
class NewServiceContract:
    """The documents to be published for a version of a service."""

    pacticipant: str
    version: str
    documents: tuple[NewDocument, ...]
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None


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


@dataclass(frozen=True)
class ContractHead:
    """A version of a service with its documents. The version is without its branches and tags."""

    service: Pacticipant
    version: Version
    documents: DocumentSet


@dataclass(frozen=True)
class Plan:
    """What a publication does to the documents of a version; *changed* have other content than there is."""

    added: tuple[NewDocument, ...]
    unchanged: tuple[NewDocument, ...]
    changed: tuple[NewDocument, ...]


@dataclass(frozen=True)
class ServiceContractPublished:
    """Documents were published. *added* are the names of those that the version did not have before.

    *to_compare* are the comparisons that it asks for, by their ids in the storage.
    """

    version: Version
    documents: DocumentSet
    published: tuple[NewDocument, ...]
    added: frozenset[str]
    to_compare: tuple[int, ...] = ()


def plan(there: DocumentSet | None, documents: Sequence[NewDocument]) -> Plan:
    """Return what becomes of the documents that are published, by what the version has."""
    shas = there.shas if there else {}
    return Plan(
        tuple(document for document in documents if document.name not in shas),
        tuple(document for document in documents if shas.get(document.name) == document.sha),
        tuple(document for document in documents if shas.get(document.name) not in {None, document.sha}),
    )


def set_hash(shas: Mapping[str, str]) -> str:
    """Return the hash of a set: equal when the names and the contents are."""
    lines = "".join(f"{sha} {name}\n" for name, sha in sorted(shas.items()))
    return hashlib.sha1(lines.encode(), usedforsecurity=False).hexdigest()
