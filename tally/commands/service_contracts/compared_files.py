"""The files that `tally compare` is given, read, and told apart when they are not what they should be."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tally.comparison.unreadable import UnreadableInteraction, parse_what_can_be_read
from tally.errors import InvalidContractError, UsageError
from tally.json_text import plain
from tally.pact import HttpInteraction, Pact
from tally.pact.parsing import pact_json
from tally.service_contract.files import load_document
from tally.service_contract.joining import joined
from tally.service_contract.json_schema_document import directed
from tally.service_contract.json_yaml import parse_yaml
from tally.service_contract.model import Direction, ServiceContract, Specification
from tally.service_contract.parsing import names_its_language, parse_service_contract

STANDARD_INPUT = "-"


def read_contract(files: Sequence[str], channel: str | None, direction: str | None) -> ServiceContract:
    """Return the contract of all documents together. Raises InvalidContractError, which names the file.

    Raises UsageError when *channel* or *direction* is given and none of them is a plain JSON Schema.
    """
    contracts = [_read_document(file, channel, direction) for file in files]
    is_schema = any(contract.specification is Specification.JSON_SCHEMA for contract in contracts)
    if (channel or direction) and not is_schema:
        raise UsageError("--channel and --direction are for plain JSON Schemas: no document is one.")
    for file, contract in zip(files, contracts, strict=True):
        if not contract.operations:
            raise InvalidContractError(
                f"{_named(file)}: describes no operations, so that there is nothing to compare with"
            )
    return contracts[0] if len(contracts) == 1 else joined(contracts, [_short(file) for file in files])


def _read_document(file: str, channel: str | None, direction: str | None) -> ServiceContract:
    document = _parsed(file) if file == STANDARD_INPUT else load_document(Path(file))
    if _is_pact(document):
        raise InvalidContractError(
            f"{_named(file)}: is a pact, not a service contract: give the pact first, and then the documents"
        )
    try:
        if isinstance(document, dict) and not names_its_language(document):
            document = directed(document, channel, Direction(direction) if direction else None)
        return parse_service_contract(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{_named(file)}: {error}") from error


def read_consumer(file: str) -> Pact | ServiceContract:
    """Return what a consumer needs: a pact, or a document of its own with the role "consumer"."""
    document = _parsed(file)
    if not isinstance(document, dict) or not names_its_language(document):
        try:
            return parse_what_can_be_read(document)
        except InvalidContractError as error:
            raise InvalidContractError(f"{_named(file)}: is not a pact: {error}") from error
    try:
        contract = parse_service_contract(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{_named(file)}: {error}") from error
    if contract.role != "consumer":
        raise InvalidContractError(
            f"{_named(file)}: is a service contract, not a pact: give the pact first, and then the documents "
            '(a document of what a consumer sends and needs says "role": "consumer")'
        )
    return contract


def check_answerable(pact: Pact, contract: ServiceContract) -> None:
    """Raise UsageError when the documents describe nothing of what the pact is about."""
    if not pact.interactions:
        raise UsageError("The pact has no interactions, so that there is nothing to compare.")
    readable = [each for each in pact.interactions if not isinstance(each, UnreadableInteraction)]
    over_http = [isinstance(interaction, HttpInteraction) for interaction in readable]
    if not any(over_http) and not contract.message_operations:
        raise UsageError(
            "The pact has no HTTP interactions, and the documents describe nothing but HTTP: give the "
            "document of the messages (AsyncAPI, JSON Schema or native) as well."
        )
    if all(over_http) and not contract.http_operations:
        raise UsageError(
            "The pact has HTTP interactions only, and the documents describe nothing but messages: give the "
            "document of the operations over HTTP (OpenAPI or native) as well."
        )


def _is_pact(document: object) -> bool:
    return (
        isinstance(document, dict)
        and {"consumer", "provider"} <= document.keys()
        and bool({"interactions", "messages"} & document.keys())
    )


def _parsed(file: str) -> Any:
    """Return what a file holds, JSON or YAML."""
    try:
        content = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        raise InvalidContractError(f"{file}: cannot be read: {error.strerror}") from error
    try:
        is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
        return pact_json(content) if is_json else plain(parse_yaml(content))
    except InvalidContractError as error:
        raise InvalidContractError(f"{_named(file)}: {error}") from error


def _named(file: str) -> str:
    return "standard input" if file == STANDARD_INPUT else file


def _short(file: str) -> str:
    return _named(file) if file == STANDARD_INPUT else Path(file).name
