"""Results of verifying service contracts."""

import orjson
from flask import Response

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.service_contracts.service_contract import NewServiceContractResult, ServiceContractResult
from broker.services.service_contracts import service_contracts
from broker.web import parsing
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.parsing import Fields
from broker.web.paths import result_number
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("service_contract_results", __name__)


@api.post(
    "service-contract-results",
    answers="VerificationResult",
    statuses=(201,),
    takes="NewServiceContractResult",
    needs=Needs(Action.VERIFY, "pacticipant"),
)
def publish(pacticipant: str, sha: str) -> Response:
    """Store a result."""
    result = _result()
    with transaction() as storage:
        document = service_contracts.find_document(storage, pacticipant, sha)
        stored = service_contracts.record_result(storage, document, result, now())
    make = links()
    return created(represent(stored, make), make.href("service-contract-result", **_place(stored)))


@api.get("latest-service-contract-result", answers="VerificationResult")
def show_latest(pacticipant: str, sha: str) -> Hal:
    """Show the newest result of a service contract."""
    with reading() as storage:
        document = service_contracts.find_document(storage, pacticipant, sha)
        found = service_contracts.latest_result(storage, document)
    return represent(found, links())


@api.get("service-contract-result", answers="VerificationResult")
def show(pacticipant: str, sha: str, number: str) -> Hal:
    """Show one result."""
    wanted = result_number(number)
    with reading() as storage:
        document = service_contracts.find_document(storage, pacticipant, sha)
        found = service_contracts.find_result(storage, document, wanted)
    return represent(found, links())


def _result() -> NewServiceContractResult:
    fields = Fields(parsing.json_object())
    success = fields.boolean("success", required=True)
    version = fields.text("providerApplicationVersion", limit=limits.REFERENCE, required=True)
    build_url = fields.url("buildUrl")
    fields.done()
    return NewServiceContractResult(
        provider_version=version or "",
        success=bool(success),
        build_url=build_url,
        test_results=fields.json("testResults"),
        verified_by=fields.json("verifiedBy"),
    )


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
