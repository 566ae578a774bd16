"""Copy the pacts of a consumer with a provider (Pact Broker reference §4.6, §4.8, §4.9)."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tally.errors import BrokerError, BrokerRefusedError, InvalidContractError
from tally.hashing import compact_json, content_hash
from tally.importing import shapes
from tally.importing.brokers import ONE, BrokerReader, TargetBroker, ahead
from tally.importing.journal import Journal
from tally.importing.notes import Note, Notes
from tally.importing.progress import Progress
from tally.values import dataclass

_ADDED = ("createdAt", "_links")
"""What a broker adds to the content that it shows."""


@dataclass(frozen=True)
class ConsumerProviderPair:
    """A consumer and a provider."""

    consumer: str
    provider: str

    def place(self) -> dict[str, str]:
        """Return the variables of a path."""
        return {"consumer": self.consumer, "provider": self.provider}

    def __str__(self) -> str:
        """Return the pair as in a sentence."""
        return f"{self.consumer} with {self.provider}"


@dataclass(frozen=True)
class SharedContent:
    """A content that both brokers have, by its hash in each; *version* is the newest that has it."""

    version: str
    sha: str
    own_sha: str
    is_new: bool


@dataclass(frozen=True)
class _Pact:
    """A pact as it is in the source; *source_sha* is None when the broker does not tell it."""

    content: Any
    source_sha: str | None

    @cached_property
    def own_sha(self) -> str:
        return content_hash(self.content)


def pairs(source: BrokerReader) -> Iterator[ConsumerProviderPair]:
    """Yield each consumer and provider with pacts; brokers before 2.50 have no list of integrations."""
    found = source.find("integrations", ONE)
    if found is not None:
        for item in source.items("integrations", "integrations"):
            yield ConsumerProviderPair(item["consumer"]["name"], item["provider"]["name"])
        return
    for item in source.get("latest-pacts").state.get("pacts") or ():
        embedded = item["_embedded"]
        yield ConsumerProviderPair(embedded["consumer"]["name"], embedded["provider"]["name"])


def published(broker: BrokerReader, pair: ConsumerProviderPair) -> dict[str, str]:
    """Return when the pact of each consumer version was published, oldest first."""
    found = broker.find("pacts", **pair.place())
    pacts = found.embedded("pacts") if found else []
    return {item["_embedded"]["consumerVersion"]["number"]: item["createdAt"] for item in reversed(pacts)}


class PactCopier:
    """Copies the pacts of one pair after the other; *at_once* is how many the source is asked for."""

    def __init__(  # noqa: PLR0913 - both sides and the circumstances, all named at the call
        self,
        source: BrokerReader,
        target: TargetBroker,
        journal: Journal,
        *,
        progress: Progress,
        notes: Path,
        at_once: int,
    ) -> None:
        self._source = source
        self._target = target
        self._journal = journal
        self._progress = progress
        self._notes = notes
        self._at_once = at_once

    def copy(self, pair: ConsumerProviderPair) -> list[SharedContent]:
        """Copy what the target lacks, oldest first, and return the contents that both have now."""
        theirs, ours = published(self._source, pair), published(self._target, pair)
        notes = Notes(self._notes, pair.consumer, pair.provider)
        unread = {
            number: date
            for number, date in theirs.items()
            if ours.get(number) != date or notes.find(number, date) is None
        }
        documents = ahead(lambda number: read_pact(self._source, pair, number), unread, self._at_once)
        contents: dict[str, SharedContent] = {}
        for number, date in theirs.items():
            note = notes.find(number, date)
            if number in unread:
                note = self._take(pair, number, date, next(documents)[1], ours)
                self._remember(notes, number, note)
            else:
                self._journal.present["pacts"] += 1
            if note is not None:
                before = contents.get(note.sha)
                is_new = number not in ours and (before is None or before.is_new)
                contents[note.sha] = SharedContent(number, note.sha, note.own_sha, is_new)
            self._progress.advance()
        return list(contents.values())

    def _remember(self, notes: Notes, number: str, note: Note | None) -> None:
        if note is not None and not self._target.keeps_nothing:
            notes.add(number, note)

    def _take(
        self,
        pair: ConsumerProviderPair,
        number: str,
        date: str,
        pact: _Pact | BrokerError | InvalidContractError,
        ours: Mapping[str, str],
    ) -> Note | None:
        """Publish a pact, or compare it with what is there; None when the target lacks the content."""
        what = f"The pact of {pair.consumer} {number} with {pair.provider}"
        if isinstance(pact, Exception):
            self._journal.unreadable(what, pact)
            return None
        if number in ours:
            return self._compare(pair, number, date, pact)
        try:
            content = compact_json(pact.content)
            self._target.put_pact(content, date, sha=pact.own_sha, **pair.place(), version=number)
        except BrokerRefusedError as error:
            self._journal.refused(what, error)
            return None
        self._journal.copied["pacts"] += 1
        return self._note(pair, date, pact)

    def _compare(self, pair: ConsumerProviderPair, number: str, date: str, pact: _Pact) -> Note | None:
        present = read_pact(self._target, pair, number)
        if isinstance(present, Exception):
            raise present
        if present.own_sha != pact.own_sha:
            self._journal.problem(
                f"The pact of {pair.consumer} {number} with {pair.provider} has other content in the target, "
                "where it stays as it is"
            )
            return None
        self._journal.present["pacts"] += 1
        return self._note(pair, date, pact)

    def _note(self, pair: ConsumerProviderPair, date: str, pact: _Pact) -> Note:
        if pact.source_sha is not None and pact.source_sha != pact.own_sha:
            self._journal.remark(
                f"The pacts of {pair} have other hashes in the target: links to their contents differ"
            )
        return Note(date, pact.source_sha or pact.own_sha, pact.own_sha)


def read_pact(
    broker: BrokerReader, pair: ConsumerProviderPair, number: str
) -> _Pact | BrokerError | InvalidContractError:
    """Return a pact with its content as it was published, or why it cannot be read."""
    try:
        document = broker.document("pact", shapes.PACT, **pair.place(), version=number)
    except (BrokerError, InvalidContractError) as error:
        return error
    if not isinstance(document, dict):
        return _Pact(document, None)
    link = (document.get("_links") or {}).get("pb:pact-version") or {}
    content = {key: value for key, value in document.items() if key not in _ADDED}
    return _Pact(content, link.get("name"))
