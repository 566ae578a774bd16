"""The documents that versions have: sets, of which equal ones are stored once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, Version
from broker.domain.service_contracts.documents import DocumentInSet, DocumentSet, NewDocument, set_hash
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    former_service_contracts,
    service_contract_publications,
    service_contract_set_documents,
    service_contract_sets,
    service_contracts,
    versions,
)

_OF_VERSION = (
    select(
        service_contract_sets.c.id.label("set_id"),
        service_contract_sets.c.sha.label("set_sha"),
        versions.c.number,
        service_contract_publications.c.created_at,
        service_contract_publications.c.decides,
        service_contract_set_documents.c.name,
        service_contracts.c.id,
        service_contracts.c.sha,
        service_contracts.c.specification,
        service_contracts.c.operations_count,
    )
    .select_from(service_contract_publications)
    .join(versions, versions.c.id == service_contract_publications.c.version_id)
    .join(service_contract_sets, service_contract_sets.c.id == service_contract_publications.c.set_id)
    .join(
        service_contract_set_documents, service_contract_set_documents.c.set_id == service_contract_sets.c.id
    )
    .join(service_contracts, service_contracts.c.id == service_contract_set_documents.c.service_contract_id)
    .where(service_contract_publications.c.version_id == bindparam("version_id"))
    .order_by(service_contract_set_documents.c.name)
)
_TEXTS = (
    select(service_contract_set_documents.c.name, service_contracts.c.document)
    .join_from(
        service_contract_set_documents,
        service_contracts,
        service_contracts.c.id == service_contract_set_documents.c.service_contract_id,
    )
    .where(service_contract_set_documents.c.set_id == bindparam("set_id"))
    .order_by(service_contract_set_documents.c.name)
)
_LOCKED = _OF_VERSION.with_for_update(of=service_contract_publications)
_EXISTS = select(service_contract_publications.c.version_id).where(
    service_contract_publications.c.version_id == bindparam("version_id")
)
_IDS = select(service_contracts.c.sha, service_contracts.c.id).where(
    service_contracts.c.pacticipant_id == bindparam("pacticipant_id"),
    service_contracts.c.sha.in_(bindparam("shas", expanding=True)),
)
_SET_ID = select(service_contract_sets.c.id).where(
    service_contract_sets.c.pacticipant_id == bindparam("pacticipant_id"),
    service_contract_sets.c.sha == bindparam("sha"),
)
_ADD_CONTENT = insert(service_contracts).on_conflict_do_nothing(index_elements=["pacticipant_id", "sha"])
_ADD_SET = insert(service_contract_sets).on_conflict_do_nothing(index_elements=["pacticipant_id", "sha"])
_ADD_TO_SET = insert(service_contract_set_documents).on_conflict_do_nothing(index_elements=["set_id", "name"])
_ADD_PUBLICATION = (
    insert(service_contract_publications)
    .on_conflict_do_nothing(index_elements=["version_id"])
    .returning(service_contract_publications.c.version_id)
)
_REMEMBER = insert(former_service_contracts).from_select(
    ["version_id", "set_id", "decides", "created_at", "removed_at"],
    select(
        service_contract_publications.c.version_id,
        service_contract_publications.c.set_id,
        service_contract_publications.c.decides,
        service_contract_publications.c.created_at,
        bindparam("now", type_=former_service_contracts.c.removed_at.type),
    ).where(service_contract_publications.c.version_id == bindparam("of_version")),
)
_CHANGE_PUBLICATION = (
    update(service_contract_publications)
    .where(service_contract_publications.c.version_id == bindparam("of_version"))
    .values(set_id=bindparam("new_set_id"), decides=True)
)


class DocumentSets:
    """Which documents the versions of services have."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def of_version(self, version: Version, *, lock: bool = False) -> DocumentSet | None:
        """Return the documents of *version*; with *lock*, nobody else changes which until the end."""
        statement = _LOCKED if lock else _OF_VERSION
        rows = self._connection.execute(statement, {"version_id": version.id}).all()
        if not rows:
            return None
        first = rows[0]
        return DocumentSet(
            first.set_id,
            first.set_sha,
            first.number,
            first.created_at,
            first.decides,
            tuple(
                DocumentInSet(row.name, row.id, row.sha, row.specification, row.operations_count)
                for row in rows
            ),
        )

    def texts(self, set_id: int) -> dict[str, bytes]:
        """Return the documents of a set, JSON by their names."""
        return {row.name: row.document for row in self._connection.execute(_TEXTS, {"set_id": set_id})}

    def exists(self, version: Version) -> bool:
        """Return whether *version* has a document, without reading any."""
        return self._connection.scalar(_EXISTS, {"version_id": version.id}) is not None

    def add_contents(self, pacticipant: Pacticipant, documents: Sequence[NewDocument], now: datetime) -> None:
        """Store what is not stored yet."""
        values: list[dict[str, Any]] = [
            {
                "pacticipant_id": pacticipant.id,
                "sha": document.sha,
                "specification": document.specification,
                "document": document.text,
                "operations_count": document.operations_count,
                "created_at": now,
            }
            for document in documents
        ]
        self._connection.execute(_ADD_CONTENT, values)

    def find_or_create(self, pacticipant: Pacticipant, shas: dict[str, str], now: datetime) -> int:
        """Return the id of the set that has these stored contents: hashes by the names of documents."""
        identity = {"pacticipant_id": pacticipant.id, "sha": set_hash(shas)}
        known = self._connection.scalar(_SET_ID, identity)
        if known is not None:
            return int(known)
        self._connection.execute(_ADD_SET, {**identity, "created_at": now})
        set_id = int(self._connection.scalars(_SET_ID, identity).one())
        rows = self._connection.execute(
            _IDS, {"pacticipant_id": pacticipant.id, "shas": sorted(set(shas.values()))}
        )
        ids = {row.sha: row.id for row in rows}
        self._connection.execute(
            _ADD_TO_SET,
            [{"set_id": set_id, "name": name, "service_contract_id": ids[sha]} for name, sha in shas.items()],
        )
        return set_id

    def find(self, pacticipant: Pacticipant, sha: str) -> int | None:
        """Return the id of the set of a pacticipant with this hash."""
        return self._connection.scalar(_SET_ID, {"pacticipant_id": pacticipant.id, "sha": sha})

    def give(self, version: Version, set_id: int, now: datetime) -> bool:
        """Give a version that has no documents this set. Return False when it has got some meanwhile."""
        values = {"version_id": version.id, "set_id": set_id, "decides": True, "created_at": now}
        self._marks.changed(version.pacticipant)
        return self._connection.execute(_ADD_PUBLICATION, values).scalar() is not None

    def change(self, version: Version, set_id: int, now: datetime) -> None:
        """Give a version that has documents another set, and record which it had until now."""
        self._connection.execute(_REMEMBER, {"of_version": version.id, "now": now})
        self._connection.execute(_CHANGE_PUBLICATION, {"of_version": version.id, "new_set_id": set_id})
        self._marks.changed(version.pacticipant)
