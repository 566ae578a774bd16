"""How the contracts of services are judged, where somebody has said so."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select
from sqlalchemy.dialects import postgresql

from broker.domain.model import Pacticipant
from broker.domain.service_contracts.policy import DocumentPolicy, Evidence, OnIncompatible, Policy
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import former_service_contract_policies, pacticipants
from broker.storage.tables import service_contract_document_policies as of_documents
from broker.storage.tables import service_contract_policies as policies

_FIND = (
    select(
        policies.c.mode,
        policies.c.lenient,
        policies.c.incompatible,
        policies.c.evidence,
        policies.c.guaranteed,
        policies.c.updated_at,
        of_documents.c.document,
        of_documents.c.mode.label("document_mode"),
        of_documents.c.lenient.label("document_lenient"),
    )
    .outerjoin_from(policies, of_documents, of_documents.c.pacticipant_id == policies.c.pacticipant_id)
    .where(policies.c.pacticipant_id == bindparam("pacticipant_id"))
    .order_by(of_documents.c.document)
)
_SET = postgresql.insert(policies)  # its ON CONFLICT compiles for SQLite as well
_SET = _SET.on_conflict_do_update(
    index_elements=["pacticipant_id"],
    set_={
        name: _SET.excluded[name]
        for name in ("mode", "lenient", "incompatible", "evidence", "guaranteed", "updated_at")
    },
)
_REMEMBER = insert(former_service_contract_policies).from_select(
    ["pacticipant_id", "evidence", "guaranteed", "until"],
    select(
        pacticipants.c.id,
        policies.c.evidence,
        func.coalesce(policies.c.guaranteed, literal(False)),  # noqa: FBT003 - SQL's false
        bindparam("now", type_=former_service_contract_policies.c.until.type),
    )
    .outerjoin_from(pacticipants, policies, policies.c.pacticipant_id == pacticipants.c.id)
    .where(pacticipants.c.id == bindparam("of_pacticipant")),
)
_REMOVE = delete(policies).where(policies.c.pacticipant_id == bindparam("of_pacticipant"))
_REMOVE_DOCUMENTS = delete(of_documents).where(of_documents.c.pacticipant_id == bindparam("of_pacticipant"))
_ADD_DOCUMENTS = insert(of_documents)


class ServiceContractPolicies:
    """The policies of services."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def find(self, pacticipant: Pacticipant) -> Policy:
        """Return the policy of a service: the defaults, if nobody has set one."""
        rows = self._connection.execute(_FIND, {"pacticipant_id": pacticipant.id}).all()
        if not rows:
            return Policy()
        first = rows[0]
        return Policy(
            DocumentPolicy(first.mode, first.lenient),
            OnIncompatible(first.incompatible),
            Evidence(first.evidence),
            first.guaranteed,
            {
                row.document: DocumentPolicy(row.document_mode, row.document_lenient)
                for row in rows
                if row.document is not None
            },
            first.updated_at,
        )

    def set(self, pacticipant: Pacticipant, policy: Policy, now: datetime) -> None:
        """Let this policy hold from now on, and record which held until now."""
        self._marks.changed(pacticipant.name)
        self._connection.execute(_REMEMBER, {"of_pacticipant": pacticipant.id, "now": now})
        self._connection.execute(
            _SET,
            {
                "pacticipant_id": pacticipant.id,
                "mode": policy.rules.mode,
                "lenient": policy.rules.lenient,
                "incompatible": policy.incompatible.value,
                "evidence": policy.evidence.value,
                "guaranteed": policy.guaranteed,
                "updated_at": now,
            },
        )
        self._connection.execute(_REMOVE_DOCUMENTS, {"of_pacticipant": pacticipant.id})
        if policy.documents:
            self._connection.execute(
                _ADD_DOCUMENTS,
                [
                    {
                        "pacticipant_id": pacticipant.id,
                        "document": name,
                        "mode": rules.mode,
                        "lenient": rules.lenient,
                    }
                    for name, rules in policy.documents.items()
                ],
            )

    def remove(self, pacticipant: Pacticipant, now: datetime) -> bool:
        """Let the defaults hold again, and record what held until now; return False when they do already."""
        self._connection.execute(_REMEMBER, {"of_pacticipant": pacticipant.id, "now": now})
        self._marks.changed(pacticipant.name)
        return self._connection.execute(_REMOVE, {"of_pacticipant": pacticipant.id}).rowcount > 0
