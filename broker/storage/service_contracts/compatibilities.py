"""How documents compare with earlier ones: which earlier ones matter, and what is known already."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    FromClause,
    Select,
    bindparam,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well
from sqlalchemy.types import String

from broker.domain.model import Pacticipant
from broker.domain.service_contracts.compatibility import (
    CompatibilityVerdict,
    EarlierDocument,
    Judgement,
    StoredCompatibility,
)
from broker.domain.service_contracts.policy import DocumentPolicy
from broker.storage.conditions import IN_ENVIRONMENT_NOW, newest
from broker.storage.dialects import AS_BYTES
from broker.storage.tables import (
    branch_versions,
    branches,
    compatibilities,
    environments,
    pacticipants,
    service_contract_publications,
    service_contract_set_documents,
    service_contracts,
    versions,
)

MOST_EARLIER = 50
"""Earlier contents of a name that a transitive mode looks at."""
_OF = service_contract_publications
_this = versions.alias("this")
_PACTICIPANT = versions.c.pacticipant_id == bindparam("pacticipant_id")
_position = (
    select(_this.c.position)
    .where(_this.c.pacticipant_id == bindparam("pacticipant_id"), _this.c.number == bindparam("number"))
    .scalar_subquery()
)
# A version that is not there yet comes after all others.
_BEFORE = versions.c.position < func.coalesce(_position, bindparam("last"))
_OTHER = versions.c.number != bindparam("number")
_IN_SET = service_contract_set_documents
_in_its_set = _IN_SET.c.set_id == _OF.c.set_id
_with_documents = versions.join(_OF, _OF.c.version_id == versions.c.id).join(_IN_SET, _in_its_set)
# A version may have other documents only: what it does not have is compared with the one before it.
_with_document = versions.join(_OF, _OF.c.version_id == versions.c.id).join(
    _IN_SET, _in_its_set & (_IN_SET.c.name == bindparam("name"))
)


def _on_branch(name: Any, found: FromClause) -> Select[Any]:
    """Select the newest version on a branch among those that are *found*."""
    return (
        newest(versions, versions.c.id)
        .select_from(
            found.join(branch_versions, branch_versions.c.version_id == versions.c.id).join(
                branches, branches.c.id == branch_versions.c.branch_id
            )
        )
        .where(_PACTICIPANT, branches.c.name == name)
    )


_main_branch = (
    select(pacticipants.c.main_branch)
    .where(pacticipants.c.id == bindparam("pacticipant_id"))
    .scalar_subquery()
)
_NOWHERE = null().cast(String)


def _documents(
    found: FromClause, why: str, version_id: Any, environment: Any = _NOWHERE, *, which: Any = _OTHER
) -> Select[Any]:
    return (
        select(
            literal(why).label("why"),
            versions.c.number,
            _IN_SET.c.name,
            service_contracts.c.id,
            service_contracts.c.sha,
            environment.label("environment"),
            versions.c.position,
        )
        .select_from(found)
        .join(service_contracts, service_contracts.c.id == _IN_SET.c.service_contract_id)
        .where(_PACTICIPANT, which, version_id)
    )


def _that_matter(found: FromClause) -> list[Select[Any]]:
    """Select the documents of the version before, on the main branch, and in environments."""
    on_its_branch = _on_branch(bindparam("branch"), found).where(_BEFORE).scalar_subquery()
    before = newest(versions, versions.c.id).select_from(found).where(_PACTICIPANT, _BEFORE).scalar_subquery()
    on_main = _on_branch(_main_branch, found).where(_OTHER).scalar_subquery()
    has_no_branch = bindparam("branch", type_=String).is_(None)
    return [
        _documents(found, "on its branch", versions.c.id == on_its_branch),
        _documents(found, "before", has_no_branch & (versions.c.id == before)),
        _documents(found, "on main", versions.c.id == on_main),
        *(
            _documents(found, "in", versions.c.id == there.c.version_id, environments.c.name)
            .join(there, there.c.version_id == versions.c.id)
            .join(environments, environments.c.id == there.c.environment_id)
            .where(is_there)
            for there, is_there in IN_ENVIRONMENT_NOW
        ),
    ]


_EARLIER = union_all(*_that_matter(_with_document))
_ALL_EARLIER = (
    _documents(_with_document, "earlier", _BEFORE)
    .order_by(versions.c.position.desc())
    .limit(MOST_EARLIER * 4)
)
_OWN = "its own"
_EVERY_DOCUMENT = union_all(
    _documents(_with_documents, _OWN, true(), which=versions.c.number == bindparam("number")),
    *_that_matter(_with_documents),
)
_KNOWN = (
    select(
        compatibilities.c.earlier_id,
        service_contracts.c.sha,
        compatibilities.c.mode,
        compatibilities.c.lenient,
        compatibilities.c.verdict,
        compatibilities.c.changes,
    )
    .join_from(compatibilities, service_contracts, service_contracts.c.id == compatibilities.c.later_id)
    .where(
        service_contracts.c.pacticipant_id == bindparam("pacticipant_id"),
        service_contracts.c.sha.in_(bindparam("shas", expanding=True)),
        compatibilities.c.earlier_id.in_(bindparam("ids", expanding=True)),
    )
    .execution_options(**AS_BYTES)
)
_TEXTS = select(service_contracts.c.id, service_contracts.c.document).where(
    service_contracts.c.id.in_(bindparam("ids", expanding=True))
)
_ADD = insert(compatibilities).on_conflict_do_nothing(
    index_elements=["later_id", "earlier_id", "mode", "lenient"]
)
_earlier = service_contracts.alias("earlier")
_PAIR = (
    select(
        compatibilities.c.mode,
        compatibilities.c.lenient,
        compatibilities.c.verdict,
        compatibilities.c.changes,
        compatibilities.c.created_at,
    )
    .select_from(compatibilities)
    .join(service_contracts, service_contracts.c.id == compatibilities.c.later_id)
    .join(_earlier, _earlier.c.id == compatibilities.c.earlier_id)
    .where(
        service_contracts.c.pacticipant_id == bindparam("pacticipant_id"),
        service_contracts.c.sha == bindparam("later"),
        _earlier.c.sha == bindparam("earlier"),
    )
    .order_by(compatibilities.c.id.desc())
    .limit(1)
    .execution_options(**AS_BYTES)
)
Key = tuple[int, str, DocumentPolicy]
"""An earlier content by its id, a later one by its hash, and the rules."""


class Compatibilities:
    """What is known of documents and of earlier ones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def earlier(
        self,
        pacticipant: Pacticipant,
        number: str,
        branch: str | None,
        names: Collection[str],
        *,
        all_of_them: bool = False,
    ) -> list[EarlierDocument]:
        """Return the documents with these names before, on the main branch and in environments.

        With *all_of_them*, also those of the versions before that, up to a limit.
        """
        values = _of_publication(pacticipant, number, branch)
        statements: list[Executable] = [_EARLIER, *([_ALL_EARLIER] if all_of_them else [])]
        return [
            _earlier_document(row)
            for name in names
            for statement in statements
            for row in self._connection.execute(statement, {**values, "name": name})
        ]

    def lacking(
        self, pacticipant: Pacticipant, number: str, branch: str | None, names: Collection[str]
    ) -> list[EarlierDocument]:
        """Return the documents of the same versions whose names the version has not, with *names* added."""
        rows = self._connection.execute(_EVERY_DOCUMENT, _of_publication(pacticipant, number, branch)).all()
        own = {*names, *(row.name for row in rows if row.why == _OWN)}
        return [_earlier_document(row) for row in rows if row.name not in own]

    def known(
        self, pacticipant: Pacticipant, ids: Collection[int], shas: Collection[str]
    ) -> dict[Key, Judgement]:
        """Return what is known of these earlier and these later contents."""
        values = {"pacticipant_id": pacticipant.id, "ids": list(ids), "shas": list(shas)}
        return {
            (row.earlier_id, row.sha, DocumentPolicy(row.mode, row.lenient)): Judgement(
                CompatibilityVerdict(row.verdict), row.changes
            )
            for row in self._connection.execute(_KNOWN, values)
        }

    def texts(self, ids: Collection[int]) -> dict[int, bytes]:
        """Return contents by their ids, as JSON."""
        return {row.id: row.document for row in self._connection.execute(_TEXTS, {"ids": list(ids)})}

    def add(self, found: dict[tuple[int, int, DocumentPolicy], Judgement], now: datetime) -> None:
        """Keep what came of comparing contents: the earlier one, the later one, and the rules."""
        if found:
            self._connection.execute(
                _ADD,
                [
                    {
                        "earlier_id": earlier,
                        "later_id": later,
                        "mode": rules.mode,
                        "lenient": rules.lenient,
                        "verdict": judgement.verdict.value,
                        "changes": judgement.text,
                        "created_at": now,
                    }
                    for (earlier, later, rules), judgement in found.items()
                ],
            )

    def find(self, pacticipant: Pacticipant, later: str, earlier: str) -> StoredCompatibility | None:
        """Return what was found last of two contents of a service."""
        values = {"pacticipant_id": pacticipant.id, "later": later, "earlier": earlier}
        row = self._connection.execute(_PAIR, values).first()
        if row is None:
            return None
        return StoredCompatibility(
            pacticipant.name,
            earlier,
            later,
            DocumentPolicy(row.mode, row.lenient),
            Judgement(CompatibilityVerdict(row.verdict), row.changes),
            row.created_at,
        )


def _of_publication(pacticipant: Pacticipant, number: str, branch: str | None) -> dict[str, Any]:
    return {"pacticipant_id": pacticipant.id, "number": number, "branch": branch, "last": 2**62}


def _earlier_document(row: Any) -> EarlierDocument:
    why = f"in {row.environment}" if row.environment else row.why
    return EarlierDocument(why, row.number, row.name, row.id, row.sha, row.environment)
