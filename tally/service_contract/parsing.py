"""A service contract's document, in any language that is understood, into one value."""

import hashlib
from typing import Any

from tally.errors import InvalidContractError
from tally.hashing import canonical_json
from tally.service_contract.asyncapi import read_asyncapi
from tally.service_contract.json_schema_document import CHANNEL, read_json_schema
from tally.service_contract.model import ServiceContract, Specification
from tally.service_contract.native import read_native
from tally.service_contract.openapi import read_openapi
from tally.service_contract.size import MAX_OPERATIONS, check_size
from tally.service_contract.swagger import read_swagger

__all__ = [
    "check_size",
    "names_its_language",
    "parse_service_contract",
    "service_contract_hash",
    "specification_of",
]


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
        raise InvalidContractError(f"/: a contract cannot have more than {MAX_OPERATIONS:,} operations")
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


def names_its_language(document: dict[str, Any]) -> bool:
    """Whether *document* says what it is; a plain JSON Schema does not, and a pact does not either."""
    return any(key in document for key in _KEYS if key != CHANNEL)


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
