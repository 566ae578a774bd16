"""What a service contract offers to other services and what it needs of them, as keys that can be looked up.

Two documents that mean the same operation have the same key: its id, or its method and path, whatever the
parameters of the path are called; for messages the address or the name of the channel.
"""

import re
from collections.abc import Iterator

from tally.service_contract.model import Dependency, HttpOperation, Operation, ServiceContract
from tally.values import dataclass

_PARAMETER = re.compile(r"\{[^{}]*\}")
_METHOD_AND_PATH = re.compile(r"([A-Za-z]+)\s+(/.*)")


@dataclass(frozen=True)
class Need:
    """One operation or channel that is needed; *name* as the document writes it."""

    key: str
    name: str


@dataclass(frozen=True)
class NewDependency:
    """What a document says that it needs of another service; *versions* is a range, None for any."""

    service: str
    needs: tuple[Need, ...]
    versions: str | None = None
    required: bool = True


@dataclass(frozen=True)
class Offer:
    """The keys of what a document offers, and what it needs of other services."""

    keys: frozenset[str] = frozenset()
    dependencies: tuple[NewDependency, ...] = ()


def offer_of(contract: ServiceContract) -> Offer:
    """Return what decisions have to know of a contract."""
    return Offer(
        frozenset(key for operation in contract.operations for key in _keys(operation)),
        tuple(map(_dependency, contract.dependencies)),
    )


def operation_key(text: str) -> str:
    """Return the key of an operation: by its id, or by "GET /orders/{id}"."""
    found = _METHOD_AND_PATH.fullmatch(text.strip())
    if found is None:
        return f"operation:{text.strip()}"
    return f"operation:{found[1].upper()} {_PARAMETER.sub('{}', found[2])}"


def channel_key(text: str) -> str:
    """Return the key of a channel, by its address or its name."""
    return f"channel:{_PARAMETER.sub('{}', text.strip())}"


def _keys(operation: Operation) -> Iterator[str]:
    yield operation_key(operation.id)
    if isinstance(operation, HttpOperation):
        yield operation_key(f"{operation.method} {operation.path}")
        for start in (operation.base_path, *operation.servers):
            yield operation_key(f"{operation.method} {start.rstrip('/')}{operation.path}")
        return
    for channel in (operation.channel, operation.channel_name):
        if channel:
            yield channel_key(channel)


def _dependency(dependency: Dependency) -> NewDependency:
    needs = [Need(operation_key(name), name) for name in dependency.operations]
    needs += [Need(channel_key(name), name) for name in dependency.channels]
    return NewDependency(
        dependency.service,
        tuple({need.key: need for need in needs}.values()),
        dependency.versions,
        dependency.required,
    )
