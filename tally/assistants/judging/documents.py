"""The documents that are judged, read: pacts, service contracts and versions of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tally.comparison.unreadable import parse_what_can_be_read
from tally.compatibility.documents import VersionedDocument, read_version
from tally.errors import InvalidContractError
from tally.json_text import plain
from tally.pact import Pact
from tally.pact.parsing import pact_json
from tally.service_contract.files import load_any, load_schema_or_document
from tally.service_contract.joining import joined
from tally.service_contract.json_yaml import parse_yaml
from tally.service_contract.model import ServiceContract
from tally.service_contract.parsing import check_size, names_its_language, parse_service_contract

Given = Mapping[str, Any]
"""A document as the tools hand it over: its `name`, and its `content`, its `text` or its `file`."""
_CONSUMER = "consumer"
"""The role of a document that says what its service needs of others; it offers nothing."""


def read_consumer(given: Given) -> Pact | ServiceContract:
    """Return what a consumer needs: a pact, or a document of its own. Raises InvalidContractError."""
    document = _value(given)
    try:
        if not isinstance(document, dict) or not names_its_language(document):
            return parse_what_can_be_read(document)
        contract = parse_service_contract(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{given['name']}: is no pact that can be read: {error}") from error
    if contract.role != _CONSUMER:
        raise InvalidContractError(f"{given['name']}: is a service contract, not a pact")
    return contract


def read_contract(documents: Sequence[Given]) -> ServiceContract:
    """Return what all documents offer together. Raises InvalidContractError, which names the document."""
    contracts = {}
    for given in documents:
        contract = _contract(given)
        if contract.role != _CONSUMER:
            contracts[given["name"]] = contract
    if not any(contract.operations for contract in contracts.values()):
        names = ", ".join(given["name"] for given in documents)
        raise InvalidContractError(f"{names}: offers no operations, so that there is nothing to judge by")
    return joined(list(contracts.values()), list(contracts))


def read_versions(documents: Sequence[Given]) -> list[VersionedDocument]:
    """Return versions of a document. Raises InvalidContractError, which names the one that is none."""
    return [read_version(given["name"], _document(given)) for given in documents]


def _contract(given: Given) -> ServiceContract:
    document = _document(given)
    if isinstance(document, dict) and {"consumer", "provider"} <= document.keys():
        raise InvalidContractError(f"{given['name']}: is a pact, not a service contract")
    try:
        return parse_service_contract(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{given['name']}: {error}") from error


def _document(given: Given) -> Any:
    """Return a document with the files that it refers to inside it, where it may refer to any."""
    if "file" not in given:
        return _value(given)
    return load_schema_or_document(Path(given["file"]), within=[Path(folder) for folder in given["within"]])


def _value(given: Given) -> Any:
    """Return what a document holds, JSON or YAML."""
    try:
        if "file" in given:
            return plain(load_any(Path(given["file"])))
        value = given["content"] if "content" in given else _parsed(given["text"].encode())
        check_size(value)
    except InvalidContractError as error:
        raise InvalidContractError(f"{given['name']}: {error}") from error
    return value


def _parsed(text: bytes) -> Any:
    is_json = text.lstrip()[:1] in {b"{", b"["}
    return pact_json(text) if is_json else plain(parse_yaml(text))
