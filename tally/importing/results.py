"""Copy the results of verifying a content (Pact Broker reference §7, §8)."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tally.errors import BrokerError, BrokerRefusedError, InvalidContractError
from tally.hashing import compact_json
from tally.importing import shapes
from tally.importing.brokers import BrokerReader, Document, TargetBroker, ahead
from tally.importing.journal import Journal
from tally.importing.pacts import ConsumerProviderPair, SharedContent
from tally.importing.progress import Progress
from tally.values import dataclass

_RESULT = re.compile(r"/pact-version/(?P<sha>[0-9a-f]+)/.*verification-results/(?P<number>\d+)$")
_FIRST_LIMIT = 1000
_CLIENT = {
    "name": "client_implementation",
    "version": "client_version",
    "testFramework": "client_test_framework",
}


@dataclass(frozen=True)
class Listed:
    """A result as the matrix tells it; *identity* is the same for its copy."""

    number: int
    sha: str
    provider_version: str
    success: bool
    date: str

    @property
    def identity(self) -> tuple[str, bool, str]:
        """Return which version said what when."""
        return self.provider_version, self.success, self.date


def listed(broker: BrokerReader, pair: ConsumerProviderPair, version: str) -> list[Listed]:
    """Return all results of the pact of a consumer version, in their order.

    The matrix has no pages: as long as the answer is as long as it may be, a longer one is asked for.
    """
    limit = _FIRST_LIMIT
    selectors = [
        ("q[][pacticipant]", pair.consumer),
        ("q[][version]", version),
        ("q[][pacticipant]", pair.provider),
    ]
    while True:
        answer = broker.get("matrix", [*selectors, ("limit", str(limit))])
        rows = answer.state.get("matrix") or []
        if len(rows) < limit:
            return _results(rows, pair)
        limit *= 4


def _results(rows: Iterable[Document], pair: ConsumerProviderPair) -> list[Listed]:
    found: dict[int, Listed] = {}
    for row in rows:
        result, provider = row.get("verificationResult"), row["provider"]
        if not result or provider["name"] != pair.provider or row["consumer"]["name"] != pair.consumer:
            continue
        place = _RESULT.search(result["_links"]["self"]["href"])
        if place:
            number = int(place["number"])
            found[number] = Listed(
                number,
                place["sha"],
                provider["version"]["number"],
                bool(result["success"]),
                result["verifiedAt"],
            )
    return [found[number] for number in sorted(found)]


class ResultCopier:
    """Copies the results of one content after the other; *at_once* is how many the source is asked for."""

    def __init__(
        self,
        source: BrokerReader,
        target: TargetBroker,
        journal: Journal,
        *,
        progress: Progress,
        at_once: int,
    ) -> None:
        self._source = source
        self._target = target
        self._journal = journal
        self._progress = progress
        self._at_once = at_once

    def copy(self, pair: ConsumerProviderPair, content: SharedContent) -> None:
        """Copy the results that the target lacks, in the order in which they were published."""
        theirs = [item for item in listed(self._source, pair, content.version) if item.sha == content.sha]
        if not theirs:
            return
        missing = self._missing(pair, content, theirs)
        for item, document in ahead(lambda item: self._read(pair, item), missing, self._at_once):
            self._publish(pair, content, item, document)
            self._progress.advance()

    def _missing(
        self, pair: ConsumerProviderPair, content: SharedContent, theirs: list[Listed]
    ) -> list[Listed]:
        present: Counter[tuple[str, bool, str]] = Counter()
        if not content.is_new:
            present.update(item.identity for item in listed(self._target, pair, content.version))
        missing = []
        for item in theirs:
            if present[item.identity]:
                present[item.identity] -= 1
                self._journal.present["results"] += 1
            else:
                missing.append(item)
        return missing

    def _read(self, pair: ConsumerProviderPair, item: Listed) -> Any:
        place = {**pair.place(), "sha": item.sha, "number": str(item.number)}
        try:
            return self._source.document("result", shapes.RESULT, **place)
        except (BrokerError, InvalidContractError) as error:
            return error

    def _publish(
        self,
        pair: ConsumerProviderPair,
        content: SharedContent,
        item: Listed,
        document: Any,
    ) -> None:
        what = f"Result {item.number} of {pair}"
        if isinstance(document, Exception):
            self._journal.unreadable(what, document)
            return
        try:
            place = {**pair.place(), "sha": content.own_sha}
            body = _to_publish(document) if isinstance(document, dict) else document
            self._target.post("results", compact_json(body), item.date, **place)
        except BrokerRefusedError as error:
            self._journal.refused(what, error)
        else:
            self._journal.copied["results"] += 1


def _to_publish(document: Document) -> Document:
    """Return a result as a verifier publishes it; a broker shows the verifier's client under other keys."""
    kept = ("success", "providerApplicationVersion", "buildUrl", "testResults", "verifiedBy")
    body = {key: document[key] for key in kept if document.get(key) is not None}
    shown = body.get("verifiedBy")
    if isinstance(shown, dict):
        client = {key: shown[name] for key, name in _CLIENT.items() if shown.get(name) is not None}
        verifier = {key: value for key, value in shown.items() if key not in _CLIENT.values()}
        body["verifiedBy"] = {**verifier, "clientLanguage": client} if client else verifier
    return body
