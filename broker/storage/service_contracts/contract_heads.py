"""What the page of a service contract begins with: the service, the version, the names of its documents."""

from typing import Any

from sqlalchemy import Connection, bindparam, select

from broker.domain.model import Pacticipant, Version
from broker.domain.service_contracts.documents import ContractHead, DocumentInSet, DocumentSet
from broker.storage.tables import (
    pacticipants,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_sets,
    service_contracts,
    versions,
)

_SERVICE = (
    pacticipants.c.id,
    pacticipants.c.name,
    pacticipants.c.display_name,
    pacticipants.c.repository_url,
    pacticipants.c.repository_name,
    pacticipants.c.repository_namespace,
    pacticipants.c.main_branch,
    pacticipants.c.created_at,
    pacticipants.c.updated_at,
)
_VERSION = (
    versions.c.id,
    pacticipants.c.name,
    versions.c.number,
    versions.c.position,
    versions.c.build_url,
    versions.c.created_at,
    versions.c.updated_at,
)
_SET = (
    service_contract_sets.c.id,
    service_contract_sets.c.sha,
    versions.c.number,
    service_contract_publications.c.created_at,
    service_contract_publications.c.decides,
)
_DOCUMENT = (
    service_contract_set_documents.c.name,
    service_contracts.c.id,
    service_contracts.c.sha,
    service_contracts.c.specification,
    service_contracts.c.operations_count,
)
_PARTS = (_SERVICE, _VERSION, _SET, _DOCUMENT)
_ALL = [column for part in _PARTS for column in part]
_HEAD = (
    select(*(column.label(f"column_{index}") for index, column in enumerate(_ALL)))
    .select_from(versions)
    .join(pacticipants, pacticipants.c.id == versions.c.pacticipant_id)
    .join(service_contract_publications, service_contract_publications.c.version_id == versions.c.id)
    .join(service_contract_sets, service_contract_sets.c.id == service_contract_publications.c.set_id)
    .join(
        service_contract_set_documents, service_contract_set_documents.c.set_id == service_contract_sets.c.id
    )
    .join(service_contracts, service_contracts.c.id == service_contract_set_documents.c.service_contract_id)
    .where(pacticipants.c.name == bindparam("pacticipant"), versions.c.number == bindparam("number"))
    .order_by(service_contract_set_documents.c.name)
)


class ContractHeads:
    """Versions that have documents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, pacticipant: str, number: str) -> ContractHead | None:
        """Return the version, without its branches and tags, and its documents without their texts."""
        rows = self._connection.execute(_HEAD, {"pacticipant": pacticipant, "number": number}).all()
        if not rows:
            return None
        service, version, found, _ = _divided(rows[0])
        documents = tuple(DocumentInSet(*_divided(row)[-1]) for row in rows)
        set_id, sha, of_version, published_at, decides = found
        return ContractHead(
            Pacticipant(*service),
            Version(*version),
            DocumentSet(set_id, sha, of_version, published_at, bool(decides), documents),
        )


def _divided(row: Any) -> list[tuple[Any, ...]]:
    parts, start = [], 0
    for part in _PARTS:
        parts.append(tuple(row[start : start + len(part)]))
        start += len(part)
    return parts
