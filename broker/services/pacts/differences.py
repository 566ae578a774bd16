"""What is different between two pacts, for people."""

from functools import lru_cache

from broker.domain.overview.pact_page import PactResult, shown_result
from broker.domain.pacts.changes import PactChanges, changes
from broker.domain.pacts.diff import diff
from broker.domain.pacts.pact import PublishedPact
from broker.services.pacts import pacts
from broker.services.pacts.readings import READINGS
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class Difference:
    """Two pacts and what changed; *text* is a unified diff instead when one of them is no pact.

    *result_before* and *result* are what the provider says of each. *before* is None when there is none.
    """

    pact: PublishedPact
    before: PublishedPact | None
    changes: PactChanges
    result: PactResult | None = None
    result_before: PactResult | None = None
    text: str | None = None


def since_previous(storage: Storage, provider: str, consumer: str, version: str) -> Difference:
    """Return what changed since the newest earlier pact with other content. Raises NotFoundError."""
    pact = pacts.of_version(storage, provider, consumer, version)
    before = pacts.previous_distinct(storage, pact)
    return Difference(pact, None, PactChanges()) if before is None else _between(storage, before, pact)


def since_version(storage: Storage, provider: str, consumer: str, version: str, *, other: str) -> Difference:
    """Return what changed since the pact of another consumer version. Raises NotFoundError."""
    pact = pacts.of_version(storage, provider, consumer, version)
    return _between(storage, pacts.of_version(storage, provider, consumer, other), pact)


def between_contents(storage: Storage, provider: str, consumer: str, sha: str, *, other: str) -> Difference:
    """Return what changed since another content. Raises NotFoundError."""
    pact = pacts.with_content(storage, provider, consumer, sha)
    return _between(storage, pacts.with_content(storage, provider, consumer, other), pact)


def _between(storage: Storage, before: PublishedPact, pact: PublishedPact) -> Difference:
    old, new = READINGS.of(before.text), READINGS.of(pact.text)
    is_readable = old.reason is None and new.reason is None
    return Difference(
        pact,
        before,
        changes(old, new) if is_readable else PactChanges(),
        shown_result(storage.pact_pages.results(pact, 1), None),
        shown_result(storage.pact_pages.results(before, 1), None),
        None if is_readable else _text(before.text, pact.text),
    )


@lru_cache(maxsize=4)
def _text(before: bytes, after: bytes) -> str:
    return diff(before, after)
