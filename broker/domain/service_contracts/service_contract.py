"""Service contracts: as they are published, as they are stored, and how two of them differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from broker.domain.errors import ValidationError
from broker.domain.limits import OPERATIONS
from broker.domain.model import Version
from broker.domain.text_rules import too_many
from tally.errors import InvalidContractError
from tally.hashing import compact_json
from tally.json_text import plain
from tally.service_contract.checks import check_operations
from tally.service_contract.model import HttpOperation
from tally.service_contract.parsing import parse_service_contract, service_contract_hash

MOST_CHANGES = 20
"""How many changed operations a notice lists."""


@dataclass(frozen=True)
class NewServiceContract:
    """A service contract to be published for a version. *warnings* are about doubtful parts of it."""

    pacticipant: str
    version: str
    specification: str
    sha: str
    document: bytes
    operations_count: int
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceContractDocument:
    """A document as it is stored: once for each pacticipant and hash."""

    id: int
    pacticipant: str
    sha: str
    specification: str
    document: bytes
    operations_count: int
    created_at: datetime


@dataclass(frozen=True)
class PublishedServiceContract:
    """The service contract of a version; *published_at* is when the version got it."""

    version: str
    published_at: datetime
    content: ServiceContractDocument


@dataclass(frozen=True)
class NewServiceContractResult:
    """A result as a provider publishes it. *test_results* and *verified_by* are JSON as it was sent."""

    provider_version: str
    success: bool
    build_url: str | None = None
    test_results: bytes | None = None
    verified_by: bytes | None = None


@dataclass(frozen=True)
class ServiceContractResult:
    """A result that is stored."""

    number: int
    pacticipant: str
    sha: str
    provider_version: str
    success: bool
    build_url: str | None
    test_results: bytes | None
    verified_by: bytes | None
    created_at: datetime


@dataclass(frozen=True)
class OperationSummary:
    """One operation in short; *examples* is how many requests with responses can be replayed."""

    id: str
    kind: str
    method: str
    path: str
    examples: int


@dataclass(frozen=True)
class ServiceContractPublished:
    """A service contract was published; *is_new* is false when the version already had this one."""

    version: Version
    contract: PublishedServiceContract
    is_new: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedDocument:
    """A valid document, and what the broker needs to know about it."""

    specification: str
    sha: str
    text: bytes
    operations_count: int
    warnings: tuple[str, ...]


def checked(document: Any) -> CheckedDocument:
    """Parse and check a document. Raises ValidationError, which names the place in it."""
    understood = plain(document)
    try:
        contract = parse_service_contract(understood)
        if message := too_many(contract.operations, OPERATIONS):
            raise ValidationError({"content": [f"operations {message}"]})
        warnings = check_operations(contract)
    except InvalidContractError as error:
        raise ValidationError({"content": [str(error)]}) from error
    return CheckedDocument(
        contract.specification.value,
        service_contract_hash(understood),
        compact_json(document),
        len(contract.operations),
        warnings,
    )


def operations(document: bytes) -> tuple[OperationSummary, ...]:
    """Return the operations of a stored document, in its order."""
    return tuple(
        OperationSummary(
            operation.id, operation.kind, operation.method, operation.path, len(operation.examples)
        )
        for operation in _parsed(document)
    )


def changes(old: bytes, new: bytes) -> tuple[str, ...]:
    """Return sentences about how the operations of two documents differ: at most 20, and how many more."""
    before, after = _by_route(old), _by_route(new)
    found = [f"{route} is gone" for route in before if route not in after]
    found += [f"{route} is new" for route in after if route not in before]
    found += [f"{route} has changed" for route in before if route in after and before[route] != after[route]]
    if not found:
        return ("No operation has changed: descriptions or examples have.",)
    more = len(found) - MOST_CHANGES
    return (*found[:MOST_CHANGES], *([f"and {more} more"] if more > 0 else []))


def _by_route(document: bytes) -> Mapping[str, tuple[object, ...]]:
    return {
        f"{operation.method} {operation.path}": (
            operation.parameters,
            operation.request,
            operation.responses,
        )
        for operation in _parsed(document)
    }


def _parsed(document: bytes) -> tuple[HttpOperation, ...]:
    return parse_service_contract(orjson.loads(document)).http_operations
