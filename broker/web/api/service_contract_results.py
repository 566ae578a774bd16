"""Results of verifying service contracts."""

from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response

from broker.domain.service_contracts import NewServiceContractResult, ServiceContractResult
from broker.services import service_contracts
from broker.web import parsing
from broker.web.answering import created
from broker.web.context import links, now, reading, transaction
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.parsing import Fields
from broker.web.paths import result_number
from broker.web.routes import rule
from tally.hashing import compact_json

blueprint = Blueprint("service_contract_results", __name__)


@blueprint.post(rule("service-contract-results"))
def publish(pacticipant: str, sha: str) -> Response:
    """Store a result."""
    result = _result()
    with transaction() as storage:
        document = service_contracts.find_document(storage, pacticipant, sha)
        stored = service_contracts.record_result(storage, document, result, now())
    make = links()
    return created(represent(stored, make), make.href("service-contract-result", **_place(stored)))


@blueprint.get(rule("latest-service-contract-result"))
def show_latest(pacticipant: str, sha: str) -> Hal:
    """Show the newest result of a service contract."""
    with reading() as storage:
        document = service_contracts.find_document(storage, pacticipant, sha)
        found = service_contracts.latest_result(storage, document)
    return represent(found, links())


@blueprint.get(rule("service-contract-result"))
def show(pacticipant: str, sha: str, number: str) -> Hal:
    """Show one result."""
    wanted = result_number(number)
    with reading() as storage:
        document = service_contracts.find_document(storage, pacticipant, sha)
        found = service_contracts.find_result(storage, document, wanted)
    return represent(found, links())


def _result() -> NewServiceContractResult:
    document = parsing.json_object()
    fields = Fields(document)
    success = fields.boolean("success", required=True)
    version = fields.text("providerApplicationVersion", required=True)
    build_url = fields.text("buildUrl")
    if build_url is not None and not _is_url(build_url):
        fields.refuse("buildUrl", "is not a valid URL eg. http://example.org")
    fields.done()
    return NewServiceContractResult(
        provider_version=version or "",
        success=bool(success),
        build_url=build_url,
        test_results=_json_or_none(document.get("testResults")),
        verified_by=_json_or_none(document.get("verifiedBy")),
    )


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _json_or_none(value: object) -> bytes | None:
    return None if value is None else compact_json(value)


def represent(result: ServiceContractResult, links: Links) -> Hal:
    """Return the HAL document of a result."""
    name = f"Verification result {result.number} for the service contract of {result.pacticipant}"
    return resource(
        {
            "providerName": result.pacticipant,
            "providerApplicationVersion": result.provider_version,
            "success": result.success,
            "verificationDate": timestamp(result.created_at),
            "buildUrl": result.build_url,
            "testResults": orjson.Fragment(result.test_results) if result.test_results else None,
            "verifiedBy": orjson.Fragment(result.verified_by) if result.verified_by else None,
        },
        links={
            "self": links.to("service-contract-result", "Verification result", name, **_place(result)),
            "tally:service-contract-content": links.to(
                "service-contract-content",
                "Service contract",
                result.sha,
                pacticipant=result.pacticipant,
                sha=result.sha,
            ),
            "pb:pacticipant-version": links.to(
                "version",
                "Pacticipant version",
                result.provider_version,
                pacticipant=result.pacticipant,
                version=result.provider_version,
            ),
        },
    )


def _place(result: ServiceContractResult) -> dict[str, str]:
    return {"pacticipant": result.pacticipant, "sha": result.sha, "number": str(result.number)}
