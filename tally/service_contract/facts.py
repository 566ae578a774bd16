"""What the standards cannot say: in native documents under these names, elsewhere as `x-contract-…`."""

from collections.abc import Callable, Iterable
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.examples import states
from tally.service_contract.model import (
    Budget,
    ContractState,
    Dependency,
    ErrorCondition,
    Message,
    OperationResponse,
    Security,
    SecurityScheme,
)
from tally.service_contract.parts import DocumentPart
from tally.service_contract.version_ranges import check_range


def budget(written: dict[str, Any] | None) -> Budget | None:
    """Return what an operation may cost."""
    if written is None:
        return None
    return Budget(written.get("p95Ms"), written.get("samples", 50), written.get("maxBytes"))


def errors(written: dict[str, Any]) -> dict[str, ErrorCondition]:
    """Return error conditions by name."""
    return {
        name: ErrorCondition(name, error.get("when", ""), error.get("retry"), states(error.get("states", [])))
        for name, error in written.items()
    }


def conditions(
    of_operation: dict[str, Any],
    of_document: dict[str, ErrorCondition],
    answers: Iterable[OperationResponse | Message],
    key: str = "x-contract-error",
) -> tuple[ErrorCondition, ...]:
    """Return the error conditions of one operation: its own, and those of the document that it reports.

    *answers* name them under *key*. Raises InvalidContractError for one that is described nowhere.
    """
    own = errors(of_operation)
    for answer in answers:
        name = answer.error
        if name is None:
            continue
        if name not in own and name not in of_document:
            raise InvalidContractError(
                f"{answer.pointer}/{key}: no error condition is called {name!r}; describe it under the "
                "errors of the operation or of the document"
            )
        own.setdefault(name, of_document.get(name, ErrorCondition(name)))
    return tuple(own.values())


def dependencies(root: DocumentPart, key: str) -> tuple[Dependency, ...]:
    """Return what the service needs of others. Raises InvalidContractError for an odd range of versions."""
    found = []
    for part in root.items(key):
        written = part.value
        if "versions" in written:
            check_range(written["versions"], part / "versions")
        found.append(
            Dependency(
                written["service"],
                tuple(written.get("operations", [])),
                tuple(written.get("channels", [])),
                written.get("versions"),
                written.get("required", True),
                part.pointer,
            )
        )
    return tuple(found)


def contract_states(root: DocumentPart, key: str, schemas: SchemaReader) -> tuple[ContractState, ...]:
    """Return the provider states that the service knows."""
    return tuple(
        ContractState(name, schemas.read(part.value.get("params", True), part / "params"), part.pointer)
        for name, part in root.named(key)
    )


def required_security(
    groups: list[dict[str, list[str]]], place: str, scheme: Callable[[str, str], SecurityScheme]
) -> Security:
    """Return groups of schemes; *scheme* is given a name and a place, and raises InvalidContractError."""
    return tuple(
        tuple(_with_scopes(scheme(name, f"{place}/{index}"), tuple(scopes)) for name, scopes in group.items())
        for index, group in enumerate(groups)
    )


def _with_scopes(scheme: SecurityScheme, scopes: tuple[str, ...]) -> SecurityScheme:
    return SecurityScheme(scheme.name, scheme.type, scheme.location, scheme.parameter, scheme.scheme, scopes)
