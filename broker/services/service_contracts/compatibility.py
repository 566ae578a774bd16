"""How the documents of a publication compare with those of earlier versions: read, compare, decide.

The comparison is made between the two transactions of a publication: it may take seconds.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime

import orjson

from broker.domain.errors import NotFoundError
from broker.domain.model import Notice, Pacticipant
from broker.domain.pagination import Page, PartOfList
from broker.domain.service_contracts.compatibility import (
    MOST_TOLD,
    ComparedDocument,
    CompatibilityVerdict,
    EarlierDocument,
    Judgement,
    LackingDocument,
    ListedCompatibility,
    StoredCompatibility,
    unknown,
    where,
)
from broker.domain.service_contracts.documents import DocumentSet, NewDocument, NewServiceContract
from broker.domain.service_contracts.policy import DocumentPolicy, OnIncompatible, Policy
from broker.services.pacticipants import pacticipants
from broker.services.service_contracts import service_contracts, unused
from broker.services.service_contracts.judgements import NOT_MADE
from broker.services.service_contracts.judging_process import JudgingProcesses, TookTooLongError
from broker.storage.storage import Storage
from tally.values import dataclass

SECONDS = 5.0
"""For all comparisons of a publication; what is not made by then is unknown this time."""
SECONDS_FOR_ONE = 3.0
Reading = Callable[[], AbstractContextManager[Storage]]


@dataclass(frozen=True)
class _Pair:
    document: NewDocument
    rules: DocumentPolicy
    earlier: tuple[EarlierDocument, ...]

    @property
    def key(self) -> tuple[int, str, DocumentPolicy]:
        return self.earlier[0].id, self.document.sha, self.rules


@dataclass(frozen=True)
class Outlook:
    """How the documents of a publication compare with earlier ones, by the policy of the service.

    *lacking* refuses nothing: documents may be published one after the other, and the last one is to come.
    """

    policy: Policy = field(default_factory=Policy)
    documents: Sequence[ComparedDocument] = ()
    lacking: Sequence[LackingDocument] = ()

    @property
    def refused(self) -> Sequence[ComparedDocument]:
        """What the policy does not allow."""
        if self.policy.incompatible is not OnIncompatible.REFUSE:
            return []
        return [item for item in self.documents if item.shown.verdict is CompatibilityVerdict.BREAKING]


NOTHING_BEFORE = Outlook()
"""That of a publication that was not compared with anything."""


def look_back(reading: Reading, contract: NewServiceContract, processes: JudgingProcesses) -> Outlook:
    """Compare the documents that are to be published with those of earlier versions that matter.

    Nothing is stored. What cannot be compared is unknown, with the reason.
    """
    with reading() as storage:
        service = storage.pacticipants.find(contract.pacticipant)
        if service is None:
            return Outlook()
        policy = storage.service_contract_policies.find(service)
        pairs = _pairs(storage, service, contract, policy)
        lacking = _lacking(storage, service, contract, policy)
        if not pairs:
            return Outlook(policy, lacking=lacking)
        ids = {pair.earlier[0].id for pair in pairs}
        shas = {pair.document.sha for pair in pairs}
        known = storage.compatibilities.known(service, ids, shas)
        missing = [pair for pair in pairs if pair.key not in known]
        texts = storage.compatibilities.texts({pair.earlier[0].id for pair in missing}) if missing else {}
    known |= _judged(missing, texts, processes)
    compared = [
        ComparedDocument(pair.document.name, pair.document.sha, pair.rules, pair.earlier, known[pair.key])
        for pair in pairs
    ]
    if any(item.judgement.verdict is CompatibilityVerdict.BREAKING for item in compared):
        with reading() as storage:
            compared = [unused.considered(storage, service, item) for item in compared]
    return Outlook(policy, compared, lacking)


def keep(storage: Storage, outlook: Outlook, documents: DocumentSet, now: datetime) -> None:
    """Store what was found of the documents that were published."""
    ids = {document.sha: document.id for document in documents.documents}
    storage.compatibilities.add(
        {
            (item.earlier[0].id, ids[item.sha], item.rules): item.judgement
            for item in outlook.documents
            if item.judgement.is_new and item.judgement.kept and item.sha in ids
        },
        now,
    )


def find(storage: Storage, pacticipant: str, later: str, earlier: str) -> StoredCompatibility:
    """Return what was found last of two contents of a service. Raises NotFoundError."""
    service = pacticipants.find(storage, pacticipant)
    found = storage.compatibilities.find(service, later, earlier)
    if found is None:
        raise NotFoundError(f"The documents {later} and {earlier} of {pacticipant} have not been compared")
    return found


def of_version(
    storage: Storage, pacticipant: str, version: str, page: Page
) -> PartOfList[ListedCompatibility]:
    """Return how the documents of a version compare with those of others. Raises NotFoundError."""
    found = service_contracts.find_set(storage, pacticipant, version)
    return storage.compatibility_lists.of_set(found.version, found.documents.id, page)


def refusal(contract: NewServiceContract, refused: Sequence[ComparedDocument]) -> list[Notice]:
    """Return why a publication is refused, with the changes."""
    found = []
    for item in refused:
        text = (
            f"The document {item.name!r} of {contract.pacticipant} {contract.version} breaks consumers of "
            f"{item.where}, and the policy of the service refuses that (mode {item.rules.mode})."
        )
        found += [Notice("error", text), Notice("info", _list(item.shown))]
    return found


def told(item: ComparedDocument) -> Notice | None:
    """Return what whoever publishes is told of a comparison; None for one that is compatible."""
    verdict = item.shown.verdict
    if verdict is CompatibilityVerdict.COMPATIBLE:
        return None
    if verdict is CompatibilityVerdict.UNKNOWN:
        reasons = "; ".join(item.judgement.document.get("reasons", ()))
        return Notice(
            "warning",
            f"  Nobody can say whether {item.name!r} is compatible with {item.where}: {reasons}",
        )
    but = ", but nobody uses what has changed" if verdict is CompatibilityVerdict.BREAKING_BUT_UNUSED else ""
    return Notice(
        "warning", f"  {item.name!r} is not compatible with {item.where}{but}:\n{_list(item.shown)}"
    )


def told_of_lacking(item: LackingDocument, version: str) -> Notice:
    """Return what whoever publishes is told of a document that the version has not."""
    return Notice(
        "warning",
        f"  {version} has no document {item.name!r} as there is with {where(item.earlier)}: publish it with "
        f"{version} too, unless the service has given it up",
    )


def _list(judgement: Judgement) -> str:
    changes = [
        f"    {change['rule']} {change['new'] or change['old']}: {change['text']}"
        for change in judgement.breaking
    ]
    more = len(changes) - MOST_TOLD
    return "\n".join([*changes[:MOST_TOLD], *([f"    and {more} more"] if more > 0 else [])])


def _pairs(
    storage: Storage, service: Pacticipant, contract: NewServiceContract, policy: Policy
) -> list[_Pair]:
    documents = {
        document.name: document
        for document in contract.documents
        if policy.rules_of(document.name).is_compared
    }
    if not documents:
        return []
    is_transitive = any(policy.rules_of(name).is_transitive for name in documents)
    earlier = storage.compatibilities.earlier(
        service, contract.version, contract.branch, documents, all_of_them=is_transitive
    )
    grouped: dict[tuple[str, int], list[EarlierDocument]] = {}
    for item in earlier:
        if documents[item.name].sha == item.sha:
            continue
        if item.why == "earlier" and not policy.rules_of(item.name).is_transitive:
            continue
        grouped.setdefault((item.name, item.id), []).append(item)
    return [
        _Pair(documents[name], policy.rules_of(name), tuple(items)) for (name, _), items in grouped.items()
    ]


def _lacking(
    storage: Storage, service: Pacticipant, contract: NewServiceContract, policy: Policy
) -> list[LackingDocument]:
    names = [document.name for document in contract.documents]
    found: dict[str, list[EarlierDocument]] = {}
    for item in storage.compatibilities.lacking(service, contract.version, contract.branch, names):
        if policy.rules_of(item.name).is_compared:
            found.setdefault(item.name, []).append(item)
    return [LackingDocument(name, tuple(items)) for name, items in sorted(found.items())]


def _judged(
    pairs: Iterable[_Pair], texts: Mapping[int, bytes], processes: JudgingProcesses
) -> dict[tuple[int, str, DocumentPolicy], Judgement]:
    deadline = time.monotonic() + SECONDS
    return {pair.key: _judge(pair, texts[pair.earlier[0].id], processes, deadline) for pair in pairs}


def _judge(pair: _Pair, earlier: bytes, processes: JudgingProcesses, deadline: float) -> Judgement:
    left = min(SECONDS_FOR_ONE, deadline - time.monotonic())
    if left <= 0:
        return _not_in_time()
    try:
        process = processes.take()
        answer = process.check(earlier, pair.document.text, pair.rules, left)
    except TookTooLongError:
        return _not_in_time()
    processes.give_back(process)
    made = answer.pop(NOT_MADE, None) is None
    return Judgement(CompatibilityVerdict(answer["verdict"]), orjson.dumps(answer), is_new=True, kept=made)


def _not_in_time() -> Judgement:
    reason = unknown(f"there was no time left: a publication takes {SECONDS:.0f} seconds for this at most")
    return Judgement(CompatibilityVerdict.UNKNOWN, reason, is_new=True, kept=False)
