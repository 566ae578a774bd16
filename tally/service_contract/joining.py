"""Several documents of one service, as one contract."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tally.errors import InvalidContractError
from tally.service_contract.model import HttpOperation, Operation, ServiceContract

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def joined(contracts: Sequence[ServiceContract], names: Sequence[str] = ()) -> ServiceContract:
    """Return one contract with the operations of all; each says as *document* which of *names* it is from.

    Without *names*, documents are named after their specification. Raises InvalidContractError for an
    operation id, or a method and path, that two documents have.
    """
    if not contracts:
        raise InvalidContractError("/: a service contract has at least one document")
    names = names or [contract.specification.value for contract in contracts]
    named = [_named(contract, name) for contract, name in zip(contracts, names, strict=True)]
    operations = tuple(operation for contract in named for operation in contract.operations)
    check_unique(operations)
    first = named[0]
    if len(named) == 1:
        return first
    return replace(
        first,
        operations=operations,
        service=next((contract.service for contract in named if contract.service), None),
        version=next((contract.version for contract in named if contract.version), None),
        dependencies=tuple(each for contract in named for each in contract.dependencies),
        states=tuple(each for contract in named for each in contract.states),
        warnings=tuple(each for contract in named for each in contract.warnings),
    )


def _named(contract: ServiceContract, name: str) -> ServiceContract:
    def with_document(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(replace(value, document=name) for value in values)

    return replace(
        contract,
        operations=with_document(contract.operations),
        dependencies=with_document(contract.dependencies),
        states=with_document(contract.states),
        warnings=tuple(f"{name}: {warning}" for warning in contract.warnings),
    )


def check_unique(operations: Sequence[Operation]) -> None:
    """Raise InvalidContractError for an operation id, or a method and path, that is there twice."""
    by_id: dict[str, Operation] = {}
    by_route: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        other = by_id.setdefault(operation.id, operation)
        if other is not operation:
            raise InvalidContractError(
                f"{_place(operation)}: the id {operation.id!r} is also that of {_other(other, operation)}"
            )
        if isinstance(operation, HttpOperation):
            other = by_route.setdefault(route_of(operation), operation)
            if other is not operation:
                raise InvalidContractError(
                    f"{_place(operation)}: {operation.method} {operation.path} is also at {_place(other)}"
                )


def route_of(operation: HttpOperation) -> tuple[str, str]:
    """Return the method and the path, whatever its parameters are called."""
    return operation.method, operation.base_path + _TEMPLATE.sub("{}", operation.path)


def _other(other: Operation, operation: Operation) -> str:
    """Return where the other operation is; of two that share a path item, which one it is."""
    return _place(other) if _place(other) != _place(operation) else other.title


def _place(operation: Operation) -> str:
    place = operation.pointer or "/"
    return f"{operation.document}: {place}" if operation.document else place
