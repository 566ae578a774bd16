"""Whether a version of a service contract may take the place of an older one."""

from collections.abc import Mapping, Sequence

from tally.compatibility.collecting import Collector
from tally.compatibility.comparing import amounting, merged
from tally.compatibility.http import compare_http
from tally.compatibility.messages import FLOWS, compare_messages
from tally.compatibility.model import Compatibility, Flow, Rules
from tally.compatibility.pointers import Documents, with_pointers_as_written
from tally.compatibility.sides import Document
from tally.service_contract.model import HttpOperation, MessageOperation, Operation, ServiceContract
from tally.usage.places import Place, operation_key


def compare_contracts(
    old: ServiceContract,
    new: ServiceContract,
    rules: Rules = Rules(),  # noqa: B008 - it is frozen
    *,
    of_documents: Mapping[str, Rules] | None = None,
    written: tuple[Documents, Documents] = ({}, {}),
) -> Compatibility:
    """Compare two versions of a service contract.

    *of_documents* are rules for single documents, by name. With the documents as they were *written*, old and
    new, pointers are exact for old drafts too. Operations count as the same by what is asked or said: method
    and path, or channel and direction.
    """
    found = Collector(Document(old.home), Document(new.home), rules)
    before, after = _by_key(old.operations), _by_key(new.operations)
    for key, operation in before.items():
        found.rules = (of_documents or {}).get(operation.document, rules)
        found.document = operation.document
        if key in after:
            _compare(found, operation, after[key])
        else:
            _removed(found, operation)
    for key, operation in after.items():
        if key not in before:
            found.rules = (of_documents or {}).get(operation.document, rules)
            found.document = operation.document
            _added(found, operation)
    changes = with_pointers_as_written(merged(found.changes), *written)
    return amounting(changes, found.reasons)


def _by_key(operations: Sequence[Operation]) -> dict[tuple[str, ...], Operation]:
    found: dict[tuple[str, ...], Operation] = {}
    for operation in operations:
        key = _key(operation)
        # Several operations may share a channel; then their ids tell them apart.
        found[key if key not in found else (*key, operation.id)] = operation
    return found


def _key(operation: Operation) -> tuple[str, ...]:
    if isinstance(operation, HttpOperation):
        return ("http", operation_key(f"{operation.method} {operation.base_path}{operation.path}"))
    return ("message", operation.direction.value, operation.channel)


def _compare(found: Collector, old: Operation, new: Operation) -> None:
    if isinstance(old, HttpOperation) and isinstance(new, HttpOperation):
        compare_http(found, old, new)
    elif isinstance(old, MessageOperation) and isinstance(new, MessageOperation):
        compare_messages(found, old, new)


def _flow(operation: Operation) -> Flow:
    return FLOWS[operation.direction] if isinstance(operation, MessageOperation) else Flow.BOTH


def _removed(found: Collector, operation: Operation) -> None:
    rule = "REQUIRED_OPERATION_REMOVED" if operation.required else "OPERATION_REMOVED"
    text = f"{operation.title} was removed"
    if operation.required:
        text += ", which must be there in every later version"
    found.note(
        rule,
        _flow(operation),
        text,
        pointers=(operation.pointer, ""),
        place=Place(operation.title),
        breaks=True,
    )


def _added(found: Collector, operation: Operation) -> None:
    found.note(
        "OPERATION_ADDED",
        _flow(operation),
        f"{operation.title} was added",
        pointers=("", operation.pointer),
        place=Place(operation.title),
        breaks=False,
    )
