"""What users read of comparisons."""

from broker.domain.decisions.comparisons import StoredComparison
from broker.domain.errors import NotFoundError
from broker.services.verifications import results
from broker.storage.storage import Storage


def find(storage: Storage, consumer: str, provider: str, sha: str, number: int) -> StoredComparison:
    """Return a comparison of a pact by its number. Raises NotFoundError that names what is missing."""
    content = results.find_content(storage, consumer, provider, sha)
    found = storage.comparisons.by_number(content, number)
    if found is None:
        raise NotFoundError(f"No comparison with number {number} found for this pact")
    return found
