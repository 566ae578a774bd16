"""Documents in the bodies of requests: JSON as it is, or the Base64 of JSON or YAML."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson

from broker.domain import limits
from broker.domain.errors import ValidationError
from broker.domain.service_contracts.documents import NewDocument, SelfVerification
from broker.domain.service_contracts.reading import CheckedDocument, checked, is_json, repeated_operations
from broker.web import parsing
from broker.web.parsing import Fields
from tally.errors import InvalidContractError
from tally.loading import Later
from tally.values import dataclass

if TYPE_CHECKING:
    from tally.service_contract import json_yaml
else:
    json_yaml = Later("tally.service_contract.json_yaml")
_PEERS_WORDS = {"oas": "openapi"}
_READABLE = re.compile(r"json|ya?ml", re.IGNORECASE)
_MISSING = object()


@dataclass(frozen=True)
class Read:
    """A document of a request, with the name that the request gives it, if any."""

    content: CheckedDocument
    name: str | None
    self_verification: SelfVerification | None


@dataclass(frozen=True)
class Words:
    """What the fields of a document are called."""

    name: str = "name"
    specification: str = "specification"
    verification: str = "selfVerificationResults"


def document(fields: Fields, words: Words = Words()) -> Read | None:  # noqa: B008 - it cannot be changed
    """Return the document in the fields of an object; None when it is refused."""
    given = fields.text(words.name, limit=limits.NAME)
    specification = fields.text(words.specification)
    content_type = fields.text("contentType")
    if content_type is not None and not _READABLE.search(content_type):
        fields.refuse("contentType", "must be that of JSON or YAML, such as application/yaml")
    said = _self_verification(fields, words.verification)
    content = _content(fields)
    fields.forget("content")
    if content is None:
        return None
    expected = None if specification is None else _PEERS_WORDS.get(specification, specification)
    if expected not in {None, content.specification}:
        fields.refuse(words.specification, f"must be {content.specification}: that is what the content is")
    return Read(content, given, said)


def together(found: Iterable[Read]) -> tuple[NewDocument, ...]:
    """Return the documents of a request, each with a name: that of its specification if it has no other.

    Raises ValidationError when two have the same name, or the same operation.
    """
    documents: dict[str, NewDocument] = {}
    for item in found:
        name = item.name or item.content.specification
        if name in documents:
            raise ValidationError({"documents": [f"{name!r} is the name of two: give each one of its own"]})
        documents[name] = NewDocument(
            name,
            item.content.specification,
            item.content.sha,
            item.content.text,
            item.content.operations_count,
            item.content.contract,
            item.content.warnings,
            item.self_verification,
        )
    problems = repeated_operations({name: each.contract for name, each in documents.items()})
    if problems:
        raise ValidationError({"documents": list(problems[: limits.MESSAGES])})
    return tuple(documents.values())


def _content(fields: Fields) -> CheckedDocument | None:
    value = fields.anything("content")
    if value is None:
        fields.refuse("content", "is missing")
        return None
    if isinstance(value, str):
        value = _decoded(fields, value)
        if value is _MISSING:
            return None
    try:
        return checked(value)
    except ValidationError as error:
        for message in error.errors["content"]:
            fields.refuse("content", message)
        return None


def _decoded(fields: Fields, encoded: str) -> Any:
    try:
        text = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        fields.refuse("content", "must be a JSON object, or the Base64 of a document in JSON or YAML")
        return _MISSING
    try:
        return _parsed(text)
    except InvalidContractError as error:
        fields.refuse("content", f"is {error}")
        return _MISSING


def _parsed(text: bytes) -> Any:
    if is_json(text):
        return parsing.bounded_json(text)
    if len(text) > limits.YAML:
        raise InvalidContractError(f"YAML of more than {limits.YAML} bytes, which is slow to read: send JSON")
    return json_yaml.parse_yaml(text)


def _self_verification(fields: Fields, name: str) -> SelfVerification | None:
    inner = fields.nested(name)
    if inner is None:
        return None
    success = inner.boolean("success", required=True)
    results = {
        **_output(inner),
        **{name: inner.text(name) for name in ("contentType", "format")},
    }
    tool = {"implementation": inner.text("verifier"), "version": inner.text("verifierVersion")}
    return SelfVerification(bool(success), _json(results), _json(tool))


def _output(fields: Fields) -> dict[str, Any]:
    encoded = fields.text("content", limit=None, blank=True, lines=True)
    if not encoded:
        return {}
    try:
        output = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        fields.refuse("content", "is not valid Base64")
        return {}
    kept = output[: limits.RESULT_TEXT].decode(errors="replace")
    return {"content": kept, **({"truncated": True} if len(output) > limits.RESULT_TEXT else {})}


def _json(found: dict[str, Any]) -> bytes | None:
    given = {name: value for name, value in found.items() if value is not None}
    return orjson.dumps(given) if given else None
