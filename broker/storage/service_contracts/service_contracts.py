"""The contents of service contracts, and results of verifying them. Equal content is stored once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select

from broker.domain.model import Version
from broker.domain.service_contracts.service_contract import (
    NewServiceContractResult,
    ServiceContractDocument,
    ServiceContractResult,
)
from broker.storage.dialects import ONE
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    pacticipants,
    service_contract_verifications,
    service_contracts,
    versions,
)

_DOCUMENT = (
    service_contracts.c.id,
    pacticipants.c.name.label("pacticipant"),
    service_contracts.c.sha,
    service_contracts.c.specification,
    service_contracts.c.document,
    service_contracts.c.operations_count,
    service_contracts.c.created_at,
)
_DOCUMENTS = select(*_DOCUMENT).join_from(service_contracts, pacticipants)
_BY_SHA = _DOCUMENTS.where(
    pacticipants.c.name == bindparam("pacticipant"), service_contracts.c.sha == bindparam("sha")
)
_ADD_RESULT = insert(service_contract_verifications).returning(service_contract_verifications.c.id)
_RESULTS = (
    select(
        service_contract_verifications.c.id,
        pacticipants.c.name,
        service_contracts.c.sha,
        versions.c.number,
        service_contract_verifications.c.success,
        service_contract_verifications.c.build_url,
        service_contract_verifications.c.test_results,
        service_contract_verifications.c.verified_by,
        service_contract_verifications.c.created_at,
    )
    .select_from(service_contract_verifications)
    .join(service_contracts, service_contracts.c.id == service_contract_verifications.c.service_contract_id)
    .join(pacticipants, pacticipants.c.id == service_contracts.c.pacticipant_id)
    .join(versions, versions.c.id == service_contract_verifications.c.version_id)
    .where(service_contract_verifications.c.service_contract_id == bindparam("content_id"))
)
_RESULT = _RESULTS.where(service_contract_verifications.c.id == bindparam("number"))
_LATEST_RESULT = _RESULTS.order_by(service_contract_verifications.c.id.desc()).limit(ONE)
_LATEST_RESULT_OF_VERSION = _LATEST_RESULT.where(
    service_contract_verifications.c.version_id == bindparam("version_id")
)


class ServiceContracts:
    """Service contracts and their results."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def find(self, pacticipant: str, sha: str) -> ServiceContractDocument | None:
        """Return the document with this hash."""
        row = self._connection.execute(_BY_SHA, {"pacticipant": pacticipant, "sha": sha}).first()
        return _document(row) if row else None

    def add_result(
        self,
        content_id: int,
        version: Version,
        result: NewServiceContractResult,
        now: datetime,
    ) -> int:
        """Store a result of *version* and return its number."""
        values = {
            "service_contract_id": content_id,
            "version_id": version.id,
            "success": result.success,
            "build_url": result.build_url,
            "test_results": result.test_results,
            "verified_by": result.verified_by,
            "created_at": now,
        }
        self._marks.changed(version.pacticipant)
        return int(self._connection.execute(_ADD_RESULT, values).scalar_one())

    def result(self, content: ServiceContractDocument, number: int) -> ServiceContractResult | None:
        """Return a result of this document by its number."""
        return self._result(_RESULT, {"content_id": content.id, "number": number})

    def latest_result(self, content: ServiceContractDocument) -> ServiceContractResult | None:
        """Return the newest result of this document, whichever version it is of."""
        return self._result(_LATEST_RESULT, {"content_id": content.id})

    def latest_result_of(self, content_id: int, version: Version) -> ServiceContractResult | None:
        """Return the newest result of this content that *version* has."""
        return self._result(_LATEST_RESULT_OF_VERSION, {"content_id": content_id, "version_id": version.id})

    def _result(self, statement: Select[Any], values: dict[str, int]) -> ServiceContractResult | None:
        row = self._connection.execute(statement, values).first()
        return ServiceContractResult(*row) if row else None  # _RESULTS has the fields in their order


def _document(row: Any) -> ServiceContractDocument:
    return ServiceContractDocument(
        row.id,
        row.pacticipant,
        row.sha,
        row.specification,
        row.document,
        row.operations_count,
        row.created_at,
    )
