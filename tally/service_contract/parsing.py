"""A service contract's document, in any language that is understood, into one value."""

import hashlib
import math
from collections.abc import Iterable
from typing import Any

from tally.errors import InvalidContractError
from tally.hashing import canonical_json
from tally.service_contract.model import ServiceContract, Specification
from tally.service_contract.native import read_native
from tally.service_contract.openapi import read_openapi

MAX_DEPTH = 48  # A broker reads JSON of 50 levels, of which the request that brings the document takes one.
MAX_NODES = 2_000_000
_LARGEST = 2**63


def parse_service_contract(document: object) -> ServiceContract:
    """Return the contract in *document*, which must refer to nothing outside itself.

    Raises InvalidContractError, naming the place as a JSON pointer, when it is not put together as its
    language says. See check_service_contract for what the languages say beyond that.
    """
    if not isinstance(document, dict):
        raise InvalidContractError("/: a service contract is a JSON object, not a list or a single value")
    check_size(document)
    if specification_of(document) is Specification.NATIVE:
        return read_native(document)
    return read_openapi(document)


def specification_of(document: dict[str, Any]) -> Specification:
    """Return the language of *document*; raises InvalidContractError when it is none that is understood."""
    if "serviceContract" in document:
        return Specification.NATIVE
    if "openapi" in document:
        return Specification.OPENAPI
    if "swagger" in document:
        raise InvalidContractError(
            "/swagger: OpenAPI 2 (Swagger) is not supported yet; convert it to OpenAPI 3"
        )
    if "asyncapi" in document:
        raise InvalidContractError("/asyncapi: AsyncAPI is not supported yet")
    raise InvalidContractError(
        '/: neither an OpenAPI 3 document (it has no "openapi") nor a native one (no "serviceContract")'
    )


def service_contract_hash(document: dict[str, Any]) -> str:
    """Return the SHA-1 (hex) of the document; the order of its keys does not count."""
    return hashlib.sha1(canonical_json(document), usedforsecurity=False).hexdigest()


def check_size(document: object) -> None:
    """Raise InvalidContractError when *document* is nested too deep, or is too large."""
    layer, nodes = [document], 0
    for _ in range(MAX_DEPTH + 1):
        _check_numbers(layer)
        layer = [item for container in layer for item in _items(container)]
        nodes += len(layer)
        if nodes > MAX_NODES:
            raise InvalidContractError(f"/: more than {MAX_NODES:,} values")
        if not layer:
            return
    raise InvalidContractError(f"/: nested deeper than {MAX_DEPTH} levels")


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_numbers(layer: list[object]) -> None:
    for item in layer:
        if isinstance(item, int | float) and not _fits(item):
            raise InvalidContractError(f"/: the number {item} is out of range")


def _fits(number: float) -> bool:
    """Whether every program reads *number* alike: it is finite, and an integer has at most 64 bits."""
    return math.isfinite(number) if isinstance(number, float) else -_LARGEST <= number < 2 * _LARGEST
