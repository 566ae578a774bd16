"""What documents say: whether they are contracts, their operations, and how two of them differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from broker.domain.errors import ValidationError
from broker.domain.limits import OPERATIONS
from broker.domain.text_rules import too_many
from tally.errors import InvalidContractError
from tally.hashing import compact_json
from tally.json_text import plain
from tally.service_contract.checks import check_operations
from tally.service_contract.joining import route_of
from tally.service_contract.model import HttpOperation, Operation, ServiceContract
from tally.service_contract.parsing import check_size, parse_service_contract, service_contract_hash
from tally.values import dataclass

MOST_CHANGES = 20
"""How many changed operations a notice lists."""


@dataclass(frozen=True)
class OperationSummary:
    """One operation in short; *examples* is how many of it can be replayed.

    Those over HTTP have a method and a path, the others a channel and a direction.
    """

    id: str
    kind: str
    examples: int
    method: str | None = None
    path: str | None = None
    channel: str | None = None
    direction: str | None = None


@dataclass(frozen=True)
class CheckedDocument:
    """A valid document, and what the broker needs to know about it."""

    specification: str
    sha: str
    text: bytes
    operations_count: int
    warnings: tuple[str, ...]
    contract: ServiceContract


def checked(document: Any) -> CheckedDocument:
    """Parse and check a document. Raises ValidationError, which names the place in it."""
    try:
        check_size(document)
        understood = plain(document)
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
        contract,
    )


def is_json(text: bytes) -> bool:
    """Return whether the text of a document is JSON, and not YAML."""
    return text.lstrip()[:1] in {b"{", b"["}


def operations(document: bytes) -> tuple[OperationSummary, ...]:
    """Return the operations of a stored document, in its order."""
    return tuple(map(_summary, _parsed(document)))


def changes(old: bytes, new: bytes) -> tuple[str, ...]:
    """Return sentences about how the operations of two documents differ: at most 20, and how many more."""
    before, after = _by_title(old), _by_title(new)
    found = [f"{title} is gone" for title in before if title not in after]
    found += [f"{title} is new" for title in after if title not in before]
    found += [f"{title} has changed" for title in before if title in after and before[title] != after[title]]
    if not found:
        return ("No operation has changed: descriptions or examples have.",)
    more = len(found) - MOST_CHANGES
    return (*found[:MOST_CHANGES], *([f"and {more} more"] if more > 0 else []))


def repeated_operations(contracts: Mapping[str, ServiceContract]) -> Sequence[str]:
    """Return sentences about what two documents have: ids of operations, methods with paths.

    *contracts* are by the names of the documents. Without such a sentence they can be joined.
    """
    seen: dict[object, str] = {}
    found = []
    for name, contract in contracts.items():
        for operation in contract.operations:
            for key, text in _identities(operation):
                other = seen.setdefault(key, name)
                if other != name:
                    found.append(f"the operation {text} is in the documents {other!r} and {name!r}")
                    break
    return found


def _identities(operation: Operation) -> Iterator[tuple[object, str]]:
    yield operation.id, repr(operation.id)
    if isinstance(operation, HttpOperation):
        yield route_of(operation), f"{operation.method} {operation.base_path}{operation.path}"


def parsed(document: bytes) -> ServiceContract:
    """Return the contract in a stored document. Raises InvalidContractError for one of an older release."""
    return parse_service_contract(orjson.loads(document))


def _parsed(document: bytes) -> tuple[Operation, ...]:
    return parsed(document).operations


def _summary(operation: Operation) -> OperationSummary:
    if isinstance(operation, HttpOperation):
        return OperationSummary(
            operation.id,
            operation.kind,
            len(operation.examples),
            method=operation.method,
            path=operation.path,
        )
    return OperationSummary(
        operation.id,
        operation.kind,
        len(operation.examples),
        channel=operation.channel,
        direction=operation.direction.value,
    )


def _by_title(document: bytes) -> Mapping[str, tuple[object, ...]]:
    return {_title(operation): _told(operation) for operation in _parsed(document)}


def _title(operation: Operation) -> str:
    # Several messages may be on one channel.
    return operation.title if isinstance(operation, HttpOperation) else f"{operation.title} ({operation.id})"


def _told(operation: Operation) -> tuple[object, ...]:
    if isinstance(operation, HttpOperation):
        return operation.parameters, operation.request, operation.responses
    return operation.parameters, operation.messages, operation.replies
