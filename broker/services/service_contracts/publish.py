"""Publishing the documents of a version of a service, all or nothing."""

from collections.abc import Mapping
from datetime import datetime

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ContractsConflictError
from broker.domain.model import Notice, Pacticipant, Version
from broker.domain.names import resembling
from broker.domain.service_contracts.documents import (
    DocumentSet,
    NewDocument,
    NewServiceContract,
    Plan,
    ServiceContractPublished,
    plan,
)
from broker.domain.service_contracts.reading import changes, parsed, repeated_operations
from broker.domain.service_contracts.service_contract import NewServiceContractResult
from broker.domain.text_rules import too_many
from broker.services import permission
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import versions
from broker.services.service_contracts import offers
from broker.services.service_contracts.comparing import HEAD_START
from broker.services.service_contracts.compatibility import NOTHING_BEFORE, Outlook, keep, refusal
from broker.services.webhooks import contract_events
from broker.storage.storage import Storage
from tally.errors import InvalidContractError
from tally.service_contract.model import ServiceContract


def publish(
    storage: Storage,
    contract: NewServiceContract,
    circumstances: Circumstances,
    outlook: Outlook = NOTHING_BEFORE,
) -> ServiceContractPublished:
    """Store the documents of a version, each once: publishing the same content again changes nothing.

    A document whose name is new is added to those that the version has. Raises ContractsConflictError when
    the version has another content under a name, when another of its documents has the same operation, and
    when the service is new and its name resembles that of another one; and when the policy of the service
    refuses what the *outlook* says. Raises PermissionDeniedError, also when the publication has results, and
    who publishes may not verify.
    """
    now = circumstances.now
    permission.require(storage, Action.PUBLISH, contract.pacticipant)
    if any(document.self_verification for document in contract.documents):
        permission.require(storage, Action.VERIFY, contract.pacticipant)
    _check_name(storage, contract.pacticipant)
    service = storage.pacticipants.find_or_create([contract.pacticipant], now)[contract.pacticipant]
    begun = versions.begin(storage, service, contract.version, now, build_url=contract.build_url)
    version = versions.add_branch_and_tags(storage, begun, contract.branch, contract.tags, circumstances)
    planned = _give(storage, service, version, contract, now)
    added = frozenset(document.name for document in planned.added)
    if refused := [item for item in outlook.refused if item.name in added]:
        raise ContractsConflictError(lambda: refusal(contract, refused))
    documents = storage.document_sets.of_version(version)
    assert documents is not None, "it was given to the version"  # noqa: S101 - for mypy
    keep(storage, outlook, documents, now)
    _record_results(storage, version, contract, documents, now)
    to_compare = storage.pending_comparisons.add_for_set(
        service, documents.id, circumstances.base_url, HEAD_START
    )
    storage.note(
        "version",
        f"{contract.pacticipant} / {contract.version}",
        after={
            "branch": contract.branch,
            "tags": contract.tags,
            "documents": [document.name for document in contract.documents],
        },
    )
    if planned.added:
        contract_events.published(storage, service, version, circumstances.addresses, now)
    return ServiceContractPublished(version, documents, contract.documents, added, tuple(to_compare))


def _give(
    storage: Storage, service: Pacticipant, version: Version, contract: NewServiceContract, now: datetime
) -> Plan:
    while True:
        there = storage.document_sets.of_version(version, lock=True)
        planned = plan(there, contract.documents)
        if planned.changed:
            raise _conflict(storage, contract, there, planned)
        if not planned.added:
            return planned
        if there:
            _check_together(storage, contract, there, planned)
        storage.document_sets.add_contents(service, planned.added, now)
        offers.keep(storage, service, planned.added, now)
        shas = {document.name: document.sha for document in planned.added}
        set_id = storage.document_sets.find_or_create(service, {**(there.shas if there else {}), **shas}, now)
        if there:
            storage.document_sets.change(version, set_id, now)
            return planned
        if storage.document_sets.give(version, set_id, now):
            return planned
        # Another request gave the version its first documents meanwhile: what becomes of ours?


def _check_together(
    storage: Storage, contract: NewServiceContract, there: DocumentSet, planned: Plan
) -> None:
    """Raise ContractsConflictError when the new documents do not go with those that are there."""
    names = {*there.shas, *(document.name for document in planned.added)}
    problems = [f"documents {message}"] if (message := too_many(names, limits.DOCUMENTS)) else []
    known = _known(storage, contract.pacticipant, there)
    problems += repeated_operations(
        {**known, **{document.name: document.contract for document in planned.added}}
    )
    if problems:
        which = f"Version {contract.version} of {contract.pacticipant}"
        raise ContractsConflictError(
            lambda: [Notice("error", f"{which} cannot have these documents together: {problems[0]}.")]
        )


def _known(storage: Storage, pacticipant: str, there: DocumentSet) -> Mapping[str, ServiceContract]:
    found = {}
    for document in there.documents:
        content = storage.service_contracts.find(pacticipant, document.sha)
        if content is not None:
            try:
                found[document.name] = parsed(content.document)
            except InvalidContractError:  # published with an earlier release, which took it
                continue
    return found


def _record_results(
    storage: Storage,
    version: Version,
    contract: NewServiceContract,
    documents: DocumentSet,
    now: datetime,
) -> None:
    """Store what the provider's own tests said of the documents, unless that is known already."""
    ids = {document.name: document.id for document in documents.documents}
    for document in contract.documents:
        said = document.self_verification
        if said is None:
            continue
        result = NewServiceContractResult(
            contract.version, said.success, contract.build_url, said.results, said.verified_by
        )
        known = storage.service_contracts.latest_result_of(ids[document.name], version)
        if known is None or not known.says(result):
            storage.service_contracts.add_result(ids[document.name], version, result, now)


def _check_name(storage: Storage, name: str) -> None:
    if storage.pacticipants.find(name) is not None:
        return
    similar = resembling(name, storage.pacticipants.names())
    if similar:
        raise ContractsConflictError(
            lambda: [
                Notice(
                    "error",
                    f"The service {name!r} is new, and its name is much like that of "
                    f"{' and '.join(map(repr, sorted(similar)))}. If it is the same one, use that name.",
                )
            ]
        )


def _conflict(
    storage: Storage, contract: NewServiceContract, there: DocumentSet | None, planned: Plan
) -> ContractsConflictError:
    shas = there.shas if there else {}
    before = {
        document.name: storage.service_contracts.find(contract.pacticipant, shas[document.name])
        for document in planned.changed
    }

    def notices() -> list[Notice]:
        found = []
        for document in planned.changed:
            found.append(Notice("error", _has_another(contract, document)))
            if content := before[document.name]:
                lines = "\n".join(f"  {change}" for change in changes(content.document, document.text))
                found.append(Notice("info", f"What would change:\n{lines}"))
        return found

    return ContractsConflictError(notices)


def _has_another(contract: NewServiceContract, document: NewDocument) -> str:
    return (
        f"Version {contract.version} of {contract.pacticipant} already has another service contract. "
        f"It is the document {document.name!r}: publish the changed one with a version of its own, or, if "
        "the service has both, under a name of its own."
    )
