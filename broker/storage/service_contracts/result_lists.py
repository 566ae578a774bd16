"""Reading the results of verifying the documents of a version, those of other versions as well."""

from sqlalchemy import Connection, bindparam, func, select

from broker.domain.pagination import Page, PartOfList
from broker.domain.service_contracts.service_contract import ListedContractResult
from broker.storage.tables import (
    service_contract_set_documents,
    service_contract_verifications,
    service_contracts,
    versions,
)

_documents, _results = service_contract_set_documents, service_contract_verifications
_OF_SET = (
    select(
        _results.c.id,
        _documents.c.name,
        service_contracts.c.sha,
        versions.c.number,
        _results.c.success,
        _results.c.created_at,
        func.count().over(),
    )
    .select_from(_documents)
    .join(service_contracts, service_contracts.c.id == _documents.c.service_contract_id)
    .join(_results, _results.c.service_contract_id == _documents.c.service_contract_id)
    .join(versions, versions.c.id == _results.c.version_id)
    .where(_documents.c.set_id == bindparam("set_id"))
    .order_by(_results.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)


class ContractResultLists:
    """Results of documents, as people read them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_set(self, set_id: int, page: Page) -> PartOfList[ListedContractResult]:
        """Return the results of the documents of a set, whichever version they are of, the newest first."""
        values = {"set_id": set_id, "size": page.size, "skipped": page.offset}
        rows = self._connection.execute(_OF_SET, values).all()
        found = [
            ListedContractResult(number, name, sha, version, bool(success), created_at)
            for number, name, sha, version, success, created_at, _ in rows
        ]
        return PartOfList(found, rows[0][-1] if rows else 0, page)
