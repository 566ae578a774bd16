"""The native document `service-contract/1`, read into operations (docs/service-contracts.md)."""

from typing import Any

from tally.json_schema.drafts import Draft
from tally.json_schema.pointers import pointer
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.examples import JSON, contract_example
from tally.service_contract.model import (
    Header,
    HttpOperation,
    MediaType,
    OperationResponse,
    Parameter,
    RequestBody,
    ServiceContract,
    Specification,
)
from tally.service_contract.references import resources_of
from tally.service_contract.structure import check_part, check_schema_of


def read_native(document: dict[str, Any]) -> ServiceContract:
    """Return the contract. Raises InvalidContractError, which names the place."""
    check_part("native", "document", document, "")
    schemas = SchemaReader(resources_of(document, Draft.DRAFT_2020_12), home="schemas", check=check_schema_of)
    operations = tuple(
        _operation(written, pointer(["operations", index]), schemas)
        for index, written in enumerate(document["operations"])
    )
    return ServiceContract(Specification.NATIVE, operations, document.get("service"))


def _operation(written: dict[str, Any], place: str, schemas: SchemaReader) -> HttpOperation:
    request = written.get("request")
    content_type = request.get("contentType") if request else None
    return HttpOperation(
        id=written["id"],
        method=written["method"],
        path=written["path"],
        parameters=tuple(
            _parameter(parameter, f"{place}/parameters/{index}", schemas)
            for index, parameter in enumerate(written.get("parameters", []))
        ),
        request=None if request is None else _request(request, f"{place}/request", schemas),
        responses=tuple(
            _response(status, response, f"{place}/responses/{status}", schemas)
            for status, response in written["responses"].items()
        ),
        examples=tuple(
            contract_example(example, content_type=content_type, pointer=f"{place}/examples/{index}")
            for index, example in enumerate(written.get("examples", []))
        ),
        pointer=place,
    )


def _parameter(written: dict[str, Any], place: str, schemas: SchemaReader) -> Parameter:
    location = written["in"]
    return Parameter(
        name=written["name"],
        location=location,
        required=written.get("required", location == "path"),
        schema=schemas.read(written.get("schema", True), f"{place}/schema"),
        style="form" if location in {"query", "cookie"} else "simple",
        explode=location in {"query", "cookie"},
    )


def _request(written: dict[str, Any], place: str, schemas: SchemaReader) -> RequestBody:
    schema = schemas.read(written.get("schema", True), f"{place}/schema")
    return RequestBody((MediaType(written.get("contentType", JSON), schema),), written.get("required", True))


def _response(status: str, written: dict[str, Any], place: str, schemas: SchemaReader) -> OperationResponse:
    content: tuple[MediaType, ...] = ()
    if "schema" in written or "contentType" in written:
        schema = schemas.read(written.get("schema", True), f"{place}/schema")
        content = (MediaType(written.get("contentType", JSON), schema),)
    headers = tuple(
        Header(
            name,
            schemas.read(header.get("schema", True), f"{place}/headers{pointer([name])}/schema"),
            header.get("required", False),
        )
        for name, header in written.get("headers", {}).items()
    )
    return OperationResponse(status, content, headers)
