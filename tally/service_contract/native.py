"""The native document `service-contract/1`, read into operations (docs/service-contracts.md)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft, draft_called
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.examples import http_examples, with_examples
from tally.service_contract.facts import budget, conditions, contract_states, dependencies, errors
from tally.service_contract.model import (
    Direction,
    ErrorCondition,
    HttpOperation,
    Message,
    MessageOperation,
    Operation,
    OperationResponse,
    Parameter,
    Security,
    SecurityScheme,
    ServiceContract,
    Specification,
)
from tally.service_contract.native_bodies import NativeBodies
from tally.service_contract.parts import DocumentPart
from tally.service_contract.references import check_references, resources_of
from tally.service_contract.security import scheme_of
from tally.service_contract.structure import check_part, check_schema_of

_HOME = "schemas"


def read_native(document: dict[str, Any]) -> ServiceContract:
    """Return the contract. Raises InvalidContractError, which names the place."""
    draft = _draft(document)
    resources = resources_of(document, draft)
    as_a_whole = draft is Draft.DRAFT_2020_12
    check_part("native" if as_a_whole else "native any", "document", document, "")
    check_references(resources)
    schemas = SchemaReader(resources, home=_HOME, check=check_schema_of, check_all=not as_a_whole)
    root = DocumentPart(document, "")
    reader = _Reader(root, schemas)
    operations = tuple(reader.operation(part) for part in root.items("operations"))
    return ServiceContract(
        Specification.NATIVE,
        operations,
        document.get("service"),
        document.get("version"),
        dependencies(root, "dependencies"),
        contract_states(root, "states", schemas),
        document.get("role", "provider"),
        f"/{_HOME}",
        tuple(dict.fromkeys(schemas.warnings)),
    )


class _Reader:
    def __init__(self, root: DocumentPart, schemas: SchemaReader) -> None:
        self._root = root.value
        self._schemas = schemas
        self._bodies = NativeBodies(schemas)
        self._errors = errors(root.value.get("errors", {}))
        self._schemes = {
            name: scheme_of(name, written) for name, written in root.value.get("security", {}).items()
        }

    def operation(self, part: DocumentPart) -> Operation:
        if part.value["kind"] == "http":
            return self._http(part)
        return self._message(part)

    def _http(self, part: DocumentPart) -> HttpOperation:
        written = part.value
        request = self._bodies.request(part.part("request")) if "request" in written else None
        responses = tuple(
            self._bodies.response(status, response) for status, response in part.named("responses")
        )
        operation = HttpOperation(
            id=written["id"],
            method=written["method"],
            path=written["path"],
            parameters=tuple(self._bodies.parameter(parameter) for parameter in part.items("parameters")),
            request=request,
            responses=responses,
            errors=self._conditions(part, responses),
            base_path=written.get("basePath", self._root.get("basePath", "")).rstrip("/"),
            pointer=part.pointer,
            security=self._security(part),
            budget=budget(written.get("budget")),
            required=written.get("required", False),
            deprecated=written.get("deprecated", False),
        )
        return replace(operation, examples=http_examples(operation, part, "examples"))

    def _message(self, part: DocumentPart) -> MessageOperation:
        written = part.value
        channel = written["channel"]
        address = channel if isinstance(channel, str) else channel["address"]
        messages = self._messages(part)
        reply = part.part("reply") if "reply" in written else None
        replies = self._messages(reply) if reply else ()
        operation = MessageOperation(
            id=written["id"],
            direction=Direction(written["direction"]),
            channel=address,
            messages=messages,
            replies=replies,
            reply_channel=reply.value.get("channel") if reply else None,
            parameters=self._channel_parameters(part),
            errors=self._conditions(part, (*messages, *replies)),
            channel_name=address,
            pointer=part.pointer,
            security=self._security(part),
            budget=budget(written.get("budget")),
            required=written.get("required", False),
            deprecated=written.get("deprecated", False),
        )
        return with_examples(operation, part, "examples")

    def _channel_parameters(self, part: DocumentPart) -> tuple[Parameter, ...]:
        channel = part.part("channel")
        if isinstance(channel.value, str):
            return ()
        return tuple(
            Parameter(
                name,
                "channel",
                required=True,
                schema=self._schemas.read(schema.value, schema.pointer),
                pointer=schema.pointer,
                schema_pointer=schema.pointer,
            )
            for name, schema in channel.named("parameters")
        )

    def _messages(self, holder: DocumentPart) -> tuple[Message, ...]:
        found: dict[str, Message] = {}
        for part in holder.items("messages"):
            message = self._read_message(part)
            if message.name in found:
                raise InvalidContractError(
                    f"{part / 'name'}: {message.name!r} is also the name of {found[message.name].pointer}"
                )
            found[message.name] = message
        return tuple(found.values())

    def _read_message(self, part: DocumentPart) -> Message:
        written = part.value
        return Message(
            written["name"],
            written.get("contentType", "application/json"),
            self._schemas.read(written.get("payload", True), part / "payload"),
            self._schemas.read(written.get("headers", True), part / "headers"),
            error=written.get("error"),
            pointer=part.pointer,
            payload_pointer=part / "payload",
            headers_pointer=part / "headers",
        )

    def _conditions(
        self, part: DocumentPart, answers: Iterable[OperationResponse | Message]
    ) -> tuple[ErrorCondition, ...]:
        return conditions(part.value.get("errors", {}), self._errors, answers, "error")

    def _security(self, part: DocumentPart) -> Security | None:
        if "security" not in part.value:
            return None
        return tuple(
            tuple(self._scheme(group.part(index)) for index in range(len(group.value)))
            for group in part.items("security")
        )

    def _scheme(self, part: DocumentPart) -> SecurityScheme:
        name = part.value if isinstance(part.value, str) else part.value["name"]
        scopes = () if isinstance(part.value, str) else tuple(part.value.get("scopes", []))
        if name not in self._schemes:
            known = ", ".join(self._schemes) or "none"
            raise InvalidContractError(
                f"{part.pointer}: no security scheme {name!r} is described in /security (there is {known})"
            )
        scheme = self._schemes[name]
        return SecurityScheme(
            name, scheme.type, scheme.location, scheme.parameter, scheme.scheme, scopes or scheme.scopes
        )


def _draft(document: dict[str, Any]) -> Draft:
    try:
        return draft_called(document.get("dialect", Draft.DRAFT_2020_12.value))
    except InvalidContractError as error:
        raise InvalidContractError(f"/dialect: {error}") from error
