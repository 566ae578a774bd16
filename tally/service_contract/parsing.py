"""A service contract's document, in any language that is understood, into one value."""

import hashlib
import math
from collections.abc import Iterable
from typing import Any

from tally.errors import InvalidContractError
from tally.hashing import canonical_json
from tally.service_contract.asyncapi import read_asyncapi
from tally.service_contract.json_schema_document import CHANNEL, read_json_schema
from tally.service_contract.model import ServiceContract, Specification
from tally.service_contract.native import read_native
from tally.service_contract.openapi import read_openapi
from tally.service_contract.swagger import read_swagger

MAX_DEPTH = 48  # A broker reads JSON of 50 levels, of which the request that brings the document takes one.
MAX_NODES = 2_000_000
MAX_KEY = 1_000
MAX_OPERATIONS = 5_000
_LARGEST = 2**63


def parse_service_contract(document: object) -> ServiceContract:
    """Return the contract in *document*, which must refer to nothing outside itself.

    Raises InvalidContractError, naming the place as a JSON pointer, when it is not put together as its
    language says. See check_service_contract for what the languages say beyond that.
    """
    if not isinstance(document, dict):
        raise InvalidContractError("/: a service contract is a JSON object, not a list or a single value")
    check_size(document)
    specification = specification_of(document)
    if specification is Specification.OPENAPI and "openapi" not in document:
        return _limited(read_swagger(document))
    return _limited(_READERS[specification](document))


def _limited(contract: ServiceContract) -> ServiceContract:
    if len(contract.operations) > MAX_OPERATIONS:
        raise InvalidContractError(
            f"/: {len(contract.operations):,} operations, of which there may be {MAX_OPERATIONS:,} at most"
        )
    return contract


def specification_of(document: dict[str, Any]) -> Specification:
    """Return the language of *document*; raises InvalidContractError when it is none that is understood."""
    for key, specification in _KEYS.items():
        if key in document:
            return specification
    raise InvalidContractError(
        '/: none of OpenAPI ("openapi", "swagger"), AsyncAPI ("asyncapi"), a native document '
        f'("serviceContract"), or a JSON Schema of the messages on a channel ("{CHANNEL}"). For a plain JSON '
        "Schema, say which channel its messages are on: `--kind json-schema --channel NAME`"
    )


_KEYS = {
    "serviceContract": Specification.NATIVE,
    "openapi": Specification.OPENAPI,
    "swagger": Specification.OPENAPI,
    "asyncapi": Specification.ASYNCAPI,
    CHANNEL: Specification.JSON_SCHEMA,
}
_READERS = {
    Specification.NATIVE: read_native,
    Specification.OPENAPI: read_openapi,
    Specification.ASYNCAPI: read_asyncapi,
    Specification.JSON_SCHEMA: read_json_schema,
}


def service_contract_hash(document: dict[str, Any]) -> str:
    """Return the SHA-1 (hex) of the document; the order of its keys does not count."""
    return hashlib.sha1(canonical_json(document), usedforsecurity=False).hexdigest()


def check_size(document: object) -> None:
    """Raise InvalidContractError when *document* is nested too deep, or is too large."""
    layer, nodes = [document], 0
    for _ in range(MAX_DEPTH + 1):
        _check_numbers(layer)
        _check_keys(layer)
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


def _check_keys(layer: list[object]) -> None:
    for item in layer:
        if isinstance(item, dict):
            for key in item:
                if len(key) > MAX_KEY:
                    raise InvalidContractError(
                        f"/: a key has {len(key):,} characters, of which there may be {MAX_KEY:,} at most: "
                        f"{key[:40]}…"
                    )


def _fits(number: float) -> bool:
    """Whether every program reads *number* alike: it is finite, and an integer has at most 64 bits."""
    return math.isfinite(number) if isinstance(number, float) else -_LARGEST <= number < 2 * _LARGEST
