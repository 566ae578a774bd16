"""What failed in results, and since when."""

from broker.domain.model import HeldVersion
from broker.domain.verifications.failing_since import NewResult, what_failed
from broker.domain.verifications.result import PactContent
from broker.storage.storage import Storage


def keep(storage: Storage, content: PactContent, version: HeldVersion, result: NewResult) -> None:
    """Keep what failed in a result of *version*, a provider version: three statements."""
    earlier = storage.failed_results.earlier(content, version, result.number)
    contents = {content.id, *(before.content_id for before in earlier)}
    storage.failed_results.add(what_failed(result, earlier, storage.failed_results.outlines(contents)))
