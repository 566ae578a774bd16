"""What users read of comparisons."""

from broker.domain.decisions.comparisons import ListedComparison, StoredComparison
from broker.domain.errors import NotFoundError
from broker.domain.model import Pacticipant
from broker.domain.pagination import Page, PartOfList
from broker.domain.verifications.result import PactContent
from broker.services.pacticipants import pacticipants
from broker.services.service_contracts import service_contracts
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class ComparisonsOfVersion:
    """A page of the comparisons of the documents of a version; *waiting* are still to be made."""

    part: PartOfList[ListedComparison]
    waiting: int


def find(storage: Storage, consumer: str, provider: str, sha: str, number: int) -> StoredComparison:
    """Return a comparison of a pact by its number. Raises NotFoundError that names what is missing."""
    found = storage.comparisons.by_number(_content(storage, consumer, provider, sha), number)
    if found is None:
        raise NotFoundError(f"No comparison with number {number} found for this pact")
    return found


def of_pact(
    storage: Storage, consumer: str, provider: str, sha: str, page: Page
) -> PartOfList[ListedComparison]:
    """Return the comparisons of a content of a pact, newest first. Raises NotFoundError."""
    content = _content(storage, consumer, provider, sha)
    guaranteed = _is_guaranteed(storage, pacticipants.find(storage, provider, "provider"))
    return storage.comparison_lists.of_pact(content.id, page, guaranteed=guaranteed)


def of_version(storage: Storage, pacticipant: str, version: str, page: Page) -> ComparisonsOfVersion:
    """Return the comparisons of the documents of a version, by consumer. Raises NotFoundError."""
    documents = service_contracts.find_set(storage, pacticipant, version).documents
    guaranteed = _is_guaranteed(storage, pacticipants.find(storage, pacticipant))
    part = storage.comparison_lists.of_set(documents.id, page, guaranteed=guaranteed)
    return ComparisonsOfVersion(part, storage.pending_comparisons.waiting(documents.id))


def _content(storage: Storage, consumer: str, provider: str, sha: str) -> PactContent:
    content = storage.verification_results.content(consumer, provider, sha)
    if content is None:
        raise NotFoundError(f"No pact of {consumer} with {provider} has the content {sha}")
    return content


def _is_guaranteed(storage: Storage, provider: Pacticipant) -> bool:
    return storage.service_contract_policies.find(provider).guaranteed
