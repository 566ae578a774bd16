"""What the page of a version shows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.decisions.answers import Answer
from broker.domain.decisions.evidence import Kind
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import Choice, Selector, VersionRef
from broker.domain.decisions.version_page import PactOfVersion, VerifiedVersion
from broker.domain.errors import NotFoundError
from broker.domain.model import Version
from broker.domain.overview.summaries import PactStatus
from broker.domain.service_contracts.compatibility import ListedCompatibility
from broker.services.decisions.everywhere import EnvironmentAnswer, decide_everywhere
from broker.services.pacticipants import pacticipants
from broker.storage.decisions.destinations import Presence
from broker.storage.overview.version_page import VersionLists
from broker.storage.storage import Storage
from tally.values import dataclass

MOST_COMPATIBILITIES = 20


@dataclass(frozen=True)
class JudgedPact:
    """A pact of the version with its verdict, as a decision judges: by which version, and when."""

    pact: PactOfVersion
    status: PactStatus = PactStatus.NEVER
    version: str | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True)
class JudgedResult:
    """A pact that the version has verified; *row* is how a decision judges it, where contracts count."""

    verified: VerifiedVersion
    row: Row | None

    @property
    def status(self) -> PactStatus:
        """The verdict: that of the result itself when no consumer version has its content any more."""
        result = self.verified.result
        return _status(self.row, is_pending=result.pending) if self.row else result.status


@dataclass(frozen=True)
class VersionPage:
    """One version: whether it can go anywhere, where it is, and what it has to do with others.

    *verified* has the results by consumer.
    """

    version: Version
    answers: Sequence[EnvironmentAnswer]
    places: Sequence[Presence]
    lists: VersionLists
    pacts: Sequence[JudgedPact]
    verified: Mapping[str, Sequence[JudgedResult]]
    compatibilities: Sequence[ListedCompatibility]
    more_compatibilities: bool

    @property
    def summary(self) -> str:
        """Where the version can go, in a sentence."""
        yes = [item.environment for item in self.answers if item.answer is Answer.YES]
        no = [item.environment for item in self.answers if item.answer is not Answer.YES]
        if not yes:
            return f"It cannot go to {_listed(no, 'or')}." if no else "There are no environments."
        if not no:
            return f"It can go to {_listed(yes, 'and')}."
        return f"It can go to {_listed(yes, 'and')}, and not to {_listed(no, 'or')}."


def _listed(names: Sequence[str], word: str) -> str:
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def version(storage: Storage, name: str, number: str, *, every_version_counts: bool) -> VersionPage:
    """Return the page of a version with six statements at most. Raises NotFoundError."""
    found = storage.version_destinations.find(name, number)
    if found is None:
        pacticipants.find(storage, name)
        raise NotFoundError(f"No version {number} of pacticipant {name} found")
    lists = storage.version_page.of_version(found.version)
    compatibilities = (
        storage.compatibility_lists.newest_of_set(found.version, lists.set_id, MOST_COMPATIBILITIES + 1)
        if lists.set_id is not None
        else []
    )
    contracts_count = (
        found.choice.has_contracts
        or bool(found.with_contracts)
        or any(pact.has_documents for pact in lists.pacts)
    )
    also = _looked_at(lists, found.choice) if contracts_count else []
    everywhere = decide_everywhere(storage, found, every_version_counts=every_version_counts, also=also)
    rows = [row for row in everywhere.rows if not row.subject] if contracts_count else None
    return VersionPage(
        found.version,
        everywhere.answers,
        [item for item in found.present if item.pacticipant == name and item.version.id == found.version.id],
        lists,
        [_judged(pact, rows, found.version) for pact in lists.pacts],
        _by_consumer(lists.verified, rows or (), found.version),
        compatibilities[:MOST_COMPATIBILITIES],
        len(compatibilities) > MOST_COMPATIBILITIES,
    )


def _looked_at(lists: VersionLists, choice: Choice) -> list[Choice]:
    """Return the versions of others that the lists name: service contracts may decide about them."""
    of_name: dict[tuple[str, int], list[VersionRef]] = {}
    for pact in lists.pacts:
        if pact.verifier is not None:
            of_name.setdefault((pact.provider, pact.provider_id), []).append(pact.verifier)
    for item in lists.verified:
        if item.version is not None:
            of_name.setdefault((item.consumer, item.consumer_id), []).append(item.version)
    return [
        Choice(
            Selector(name, latest=True),
            tuple(dict.fromkeys(versions)),
            specified=False,
            pacticipant_id=pacticipant_id,
            has_contracts=True,
        )
        for (name, pacticipant_id), versions in of_name.items()
        if name != choice.selector.pacticipant
    ]


def _judged(pact: PactOfVersion, rows: Sequence[Row] | None, version: Version) -> JudgedPact:
    """Return the pact with its newest result; without *rows*, no service contract counts."""
    result = pact.result
    if rows is None and result is not None:
        return JudgedPact(pact, result.status, result.version, result.verified_at)
    row = _newest(rows or (), version, pact)
    if row is None or row.provider_version is None:
        return JudgedPact(pact)
    status = _status(row, is_pending=result is not None and result.pending)
    return JudgedPact(pact, status, row.provider_version.number, row.verified_at)


def _newest(rows: Sequence[Row], version: Version, pact: PactOfVersion) -> Row | None:
    """Return the row with the newest result of a pact."""
    found = [
        row
        for row in rows
        if (row.consumer, row.consumer_version.id, row.provider)
        == (version.pacticipant, version.id, pact.provider)
        and row.verdict is not Verdict.UNKNOWN
        and row.verified_at is not None
    ]
    return max(found, key=lambda row: (row.verified_at, row.result_number or 0), default=None)


def _by_consumer(
    verified: Sequence[VerifiedVersion], rows: Sequence[Row], version: Version
) -> dict[str, list[JudgedResult]]:
    judged = {
        row.consumer_version.id: row
        for row in rows
        if row.provider_version is not None
        and (row.provider, row.provider_version.id) == (version.pacticipant, version.id)
    }
    found: dict[str, list[JudgedResult]] = {}
    for item in verified:
        row = judged.get(item.version.id) if item.version else None
        found.setdefault(item.consumer, []).append(JudgedResult(item, row))
    return found


def _status(row: Row, *, is_pending: bool) -> PactStatus:
    if row.verdict is Verdict.SUCCESS:
        return PactStatus.VERIFIED
    return PactStatus.PENDING if is_pending and row.kind is Kind.REPLAYED else PactStatus.FAILED
