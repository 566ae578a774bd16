"""Write pacts and their results, one consumer and provider after the other."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tally.errors import BrokerError, InvalidContractError
from tally.exporting.folder import Folder
from tally.importing import shapes
from tally.importing.brokers import BrokerReader, ahead
from tally.importing.folder_names import folder_name
from tally.importing.journal import Journal
from tally.importing.pacts import ConsumerProviderPair, published, read_pact
from tally.importing.progress import Progress
from tally.importing.results import Listed, listed

_HASH = re.compile(r"[0-9a-f]{1,64}")
_DIGITS = 16


def folder_of(pair: ConsumerProviderPair) -> str:
    """Return where the pacts of a pair are."""
    return f"pacts/{folder_name(pair.provider)}/{folder_name(pair.consumer)}"


class ContractExporter:
    """Writes what one pair has after the other; *at_once* is how many documents are read at the same time."""

    def __init__(
        self, source: BrokerReader, folder: Folder, journal: Journal, *, progress: Progress, at_once: int
    ) -> None:
        self._source = source
        self._folder = folder
        self._journal = journal
        self._progress = progress
        self._at_once = at_once

    def write(self, pair: ConsumerProviderPair) -> None:
        """Write the pacts and the results of a pair; what an earlier try has written is not read again."""
        where = folder_of(pair)
        publications = self._publications(pair, where)
        newest = {item["content"]: item["version"] for item in publications}
        results = [item for sha, version in newest.items() for item in self._listed(pair, sha, version)]
        index = list(_index(results))
        self._write_results(pair, where, results, index)
        self._folder.write(f"{where}/results.json", index)
        # Last: it says that the pacts of this pair are whole.
        self._folder.write(f"{where}/publications.json", publications)
        self._folder.keep_only(f"{where}/contents", {f"{sha}.json" for sha in newest})
        self._folder.keep_only(f"{where}/results", {item["file"] for item in index})
        self._journal.copied["contents of pacts"] += len(newest)
        self._journal.copied["pacts"] += len(publications)
        self._journal.copied["results"] += len(index)
        self._journal.copied["successful results"] += sum(item["success"] for item in index)

    def _publications(self, pair: ConsumerProviderPair, where: str) -> list[dict[str, Any]]:
        """Write the contents, and return which version has which, oldest first."""
        known = self._written_before(where)
        found = []
        wanted = published(self._source, pair)
        unread = {
            number: date for number, date in wanted.items() if known.get(number, {}).get("createdAt") != date
        }
        documents = ahead(lambda number: read_pact(self._source, pair, number), unread, self._at_once)
        for number, date in wanted.items():
            if number not in unread:
                found.append(known[number])
                continue
            pact = next(documents)[1]
            if isinstance(pact, Exception):
                self._journal.unreadable(f"The pact of {pair.consumer} {number} with {pair.provider}", pact)
                continue
            sha = pact.source_sha if _HASH.fullmatch(pact.source_sha or "") else pact.own_sha
            name = f"{where}/contents/{sha}.json"
            if not self._folder.has(name):
                self._folder.write(name, pact.content)
            found.append({"version": number, "createdAt": date, "content": sha})
            self._progress.advance()
        return found

    def _written_before(self, where: str) -> dict[str, Any]:
        found = self._folder.read(f"{where}/publications.json") or []
        return {item["version"]: item for item in found}

    def _listed(self, pair: ConsumerProviderPair, sha: str, version: str) -> Iterator[Listed]:
        return (item for item in listed(self._source, pair, version) if item.sha == sha)

    def _write_results(
        self, pair: ConsumerProviderPair, where: str, results: list[Listed], index: list[dict[str, Any]]
    ) -> None:
        unread = [
            (item, f"{where}/results/{entry['file']}")
            for item, entry in zip(results, index, strict=True)
            if not self._folder.has(f"{where}/results/{entry['file']}")
        ]
        for (item, name), document in ahead(lambda each: self._read(pair, each[0]), unread, self._at_once):
            if isinstance(document, Exception):
                self._journal.unreadable(f"Result {item.number} of {pair}", document)
                continue
            kept = {key: value for key, value in document.items() if key not in {"_links", "_embedded"}}
            self._folder.write(name, kept)
            self._progress.advance()

    def _read(self, pair: ConsumerProviderPair, item: Listed) -> Any:
        place = {**pair.place(), "sha": item.sha, "number": str(item.number)}
        try:
            return self._source.document("result", shapes.RESULT, **place)
        except (BrokerError, InvalidContractError) as error:
            return error


def _index(results: Iterable[Listed]) -> Iterator[dict[str, Any]]:
    """Yield what is told of each result, in their order, with the name of its file.

    The name depends on what the result says, not on its number, which another broker does not keep.
    """
    times: Counter[tuple[str, ...]] = Counter()
    for item in results:
        identity = (item.sha, item.provider_version, str(item.success), item.date)
        times[identity] += 1
        text = "\0".join((*identity, str(times[identity])))
        yield {
            "content": item.sha,
            "providerVersion": item.provider_version,
            "success": item.success,
            "createdAt": item.date,
            "file": f"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}.json",
        }
