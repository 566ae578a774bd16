"""Service contracts, comparisons and policies, written to the storage as the broker's services write them.

A document is what it offers and needs; nothing reads its text, so a test chooses what came of comparing it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson
from sqlalchemy import delete, func, select, update

from broker.domain.decisions.comparisons import ComparedPair
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.pacts.filter import PactFilter
from broker.domain.service_contracts.documents import NewDocument
from broker.domain.service_contracts.needs import (
    Need,
    NewDependency,
    Offer,
    operation_key,
)
from broker.domain.service_contracts.policy import Evidence, Policy
from broker.domain.service_contracts.service_contract import NewServiceContractResult
from broker.storage.database import Database
from broker.storage.tables import comparisons, comparisons_to_make, service_contract_publications
from tally.service_contract.model import ServiceContract, Specification

NOTHING = ServiceContract(Specification.NATIVE, ())
"""What a document says to those who read it: they are not asked here."""


@dataclass(frozen=True)
class Document:
    """A document: the operations that it has, and those that it needs of other services.

    *needs* has for each service the operations and whether they are required.
    """

    operations: tuple[str, ...] = ()
    needs: Mapping[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)
    versions: str | None = None

    @property
    def text(self) -> bytes:
        """What is stored as the document."""
        return orjson.dumps([self.operations, sorted(self.needs.items()), self.versions])

    @property
    def sha(self) -> str:
        """The hash by which it is stored once."""
        return hashlib.sha1(self.text, usedforsecurity=False).hexdigest()

    def offer(self) -> Offer:
        """Return what decisions look up."""
        return Offer(
            frozenset(map(operation_key, self.operations)),
            tuple(
                NewDependency(
                    service, tuple(Need(operation_key(name), name) for name in names), self.versions, required
                )
                for service, (names, required) in self.needs.items()
            ),
        )


class StoredContracts:
    """What happens to service contracts, at the moments that *clock* says."""

    def __init__(self, database: Database, clock) -> None:
        self._database = database
        self._clock = clock

    def documents(self, name: str, number: str, documents: Mapping[str, Document], *, decides=True) -> None:
        """Give a version these documents, by name; more than it has, when it has some."""
        now = self._clock()
        new = [
            NewDocument(
                key,
                "service-contract",
                document.sha,
                document.text,
                len(document.operations),
                contract=NOTHING,
            )
            for key, document in documents.items()
        ]
        with self._database.transaction() as storage:
            service = storage.pacticipants.find_or_create([name], now)[name]
            version, _ = storage.versions.find_or_create(service, number, now)
            storage.document_sets.add_contents(service, new, now)
            unknown = storage.offers.unknown(service, [document.sha for document in new])
            for document in documents.values():
                self._keep_offer(storage, service, document, unknown.get(document.sha), now)
            before = storage.document_sets.of_version(version)
            shas = {**(before.shas if before else {}), **{document.name: document.sha for document in new}}
            set_id = storage.document_sets.find_or_create(service, shas, now)
            if before is None:
                storage.document_sets.give(version, set_id, now)
            elif set_id != before.id:
                storage.document_sets.change(version, set_id, now)
            if not decides:
                published = service_contract_publications
                storage.connection.execute(
                    update(published).where(published.c.version_id == version.id).values(decides=False)
                )

    def _keep_offer(self, storage, service, document, content_id, now):
        if content_id is None:
            return
        offer = document.offer()
        storage.offers.add(content_id, offer)
        names = sorted(dependency.service for dependency in offer.dependencies)
        providers = storage.pacticipants.find_or_create(names, now) if names else {}
        storage.offers.add_dependencies(
            content_id, service, [(providers[each.service], each) for each in offer.dependencies], now
        )

    def checked(self, name: str, number: str, document: Document, *, success: bool) -> None:
        """Verify a version against a document of its own."""
        with self._database.transaction() as storage:
            version = storage.versions.find(name, number)
            content = storage.service_contracts.find(name, document.sha)
            result = NewServiceContractResult(number, success)
            storage.service_contracts.add_result(content.id, version, result, self._clock())

    def compared(
        self, pact: tuple[str, ...], number: str, verdict: str, *, guaranteed=False, findings=()
    ) -> None:
        """Compare a pact with what a version of its provider has.

        *pact* is the consumer, the provider and the hash, without which it is the latest pact.
        """
        consumer, provider, *hashes = pact
        with self._database.transaction() as storage:
            sha = hashes[0] if hashes else _latest(storage, consumer, provider)
            content = storage.verification_results.content(consumer, provider, sha)
            documents = storage.document_sets.of_version(storage.versions.find(provider, number))
            pair = ComparedPair(content, documents.id, guaranteed)
            found = orjson.dumps({"verdict": verdict, "interactions": list(findings)})
            storage.comparisons.add(pair, ComparisonVerdict(verdict), found, self._clock())

    @contextmanager
    def without_comparing(self) -> Iterator[None]:
        """Let the broker compare nothing in the block: these documents say nothing to it."""
        with self._database.reading() as storage:
            last = storage.connection.scalar(select(func.max(comparisons.c.id))) or 0
        yield
        with self._database.transaction() as storage:
            storage.connection.execute(delete(comparisons).where(comparisons.c.id > last))
            storage.connection.execute(delete(comparisons_to_make))

    def policy(self, name: str, evidence: str, *, guaranteed=False) -> None:
        """Say how a service's contracts are judged."""
        now = self._clock()
        with self._database.transaction() as storage:
            service = storage.pacticipants.find_or_create([name], now)[name]
            policy = Policy(evidence=Evidence(evidence), guaranteed=guaranteed, updated_at=now)
            storage.service_contract_policies.set(service, policy, now)


def _latest(storage, consumer, provider):
    known = storage.pacticipants.find_many([consumer, provider])
    pacts = storage.filtered_pacts.between(known[consumer], known[provider], PactFilter(latest=True))
    return pacts[0].sha
