"""The rows of a decision: which pacts were verified by which versions (Pact Broker reference §8.3, §8.4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum

from broker.domain.decisions.evidence import DocumentEvidence, Doubt, Kind, PairEvidence
from broker.domain.decisions.selectors import Choice, VersionRef
from broker.domain.model import BranchMembership
from tally.values import dataclass


class Verdict(Enum):
    """The result of a pact with a version of its provider."""

    SUCCESS = True
    FAILED = False
    UNKNOWN = None


def worst(*verdicts: Verdict) -> Verdict:
    """Return the verdict of something that needs all of these to be right."""
    order = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.SUCCESS)
    return next(verdict for verdict in order if verdict in verdicts)


class LatestBy(Enum):
    """What keeps only its latest row: c and cv are a consumer and its version, p and pv the provider's."""

    CVPV = "cvpv"
    CVP = "cvp"
    CP = "cp"


@dataclass(frozen=True)
class Undecided:
    """A version whose documents do not decide about a pact, and why."""

    version: VersionRef
    doubt: Doubt
    evidence: PairEvidence


@dataclass(frozen=True)
class ContractPart:
    """What service contracts have to do with a row: what decided, by which evidence, and what is in doubt.

    A row about a *document* has a service on both sides. *problems* are those of a dependency. *undecided*
    has the versions that leave a pact without a result.
    """

    kind: Kind
    evidence: PairEvidence | None = None
    doubt: Doubt | None = None
    document: DocumentEvidence | None = None
    problems: tuple[str, ...] = ()
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True)
class Row:
    """A pact, and a result of its verification by a version of the provider.

    Without a result, the verdict is UNKNOWN, and *provider_version* is None, unless the row stands for one
    version in an environment that has no result. *contract* is None where no service contract counts.
    """

    consumer: str
    consumer_version: VersionRef
    provider: str
    provider_version: VersionRef | None
    verdict: Verdict
    sha: str
    published_at: datetime
    revision: int = 1
    result_number: int | None = None
    verified_at: datetime | None = None
    contract: ContractPart | None = None

    @property
    def kind(self) -> Kind:
        """What the row is about, and what decided it."""
        return self.contract.kind if self.contract else Kind.REPLAYED

    @property
    def subject(self) -> str:
        """What the row is about, whatever decided it: "" for a pact. Rows about other things never meet."""
        part = self.contract
        if part is None:
            return ""
        if part.document is not None:
            return f"{part.kind.value} {part.document.name}"
        return part.kind.value if part.kind is Kind.DEPENDENCY else ""


@dataclass(frozen=True)
class RowVersion:
    """What else is known of a version in a row: branches, tags and environments, in the order of time.

    Each of *tags* is a name, and whether no later version has it; *environment_ids* say where the version is
    now.
    """

    branches: tuple[BranchMembership, ...] = ()
    tags: tuple[tuple[str, bool], ...] = ()
    environment_ids: tuple[int, ...] = ()


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return the rows sorted: names ascending, the newest versions and results first (reference §8.3)."""
    return sorted(
        rows,
        key=lambda row: (
            row.consumer,
            -row.consumer_version.position,
            -row.revision,
            row.provider,
            row.provider_version is not None,
            -row.provider_version.position if row.provider_version else 0,
            -(row.result_number or 0),
            row.subject,
        ),
    )


def deduplicate(rows: Sequence[Row], latest_by: LatestBy | None) -> list[Row]:
    """Return the row that counts of each group, in order; without *latest_by*, every row (reference §8.4)."""
    rows = in_order(rows)
    if latest_by is None:
        return rows
    group_of = _GROUPS[latest_by]
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.subject, *group_of(row)), []).append(row)
    if len(groups) == len(rows):
        return rows
    return in_order(_that_counts(group) for group in groups.values())


def unverified_in_environment(
    rows: Sequence[Row], results: Sequence[Row], choices: Sequence[Choice]
) -> list[Row]:
    """Return a row for each version in an environment that has no result for a pact that others verified.

    *rows* are those that count, *results* all that there are. The Pact Broker has no such rows: the result of
    one version is enough for it, whatever the others have (reference §8.8).
    """
    in_environments = [choice for choice in choices if choice.selector.environment is not None]
    if not in_environments:
        return []
    known = {(row.consumer_version, row.provider, row.provider_version) for row in results if not row.subject}
    pacts = {
        (row.consumer_version, row.provider): row
        for row in rows
        if row.provider_version is not None and not row.subject
    }
    return [
        replace(
            row,
            provider_version=version,
            verdict=Verdict.UNKNOWN,
            result_number=None,
            verified_at=None,
            contract=None,
        )
        for row in pacts.values()
        for choice in in_environments
        if choice.selector.pacticipant == row.provider
        for version in choice.versions
        if (row.consumer_version, row.provider, version) not in known
    ]


_GROUPS: dict[LatestBy, Callable[[Row], tuple[object, ...]]] = {
    LatestBy.CVPV: lambda row: (
        row.consumer,
        row.consumer_version.id,
        row.provider,
        row.provider_version.id if row.provider_version else None,
    ),
    LatestBy.CVP: lambda row: (row.consumer, row.consumer_version.id, row.provider),
    LatestBy.CP: lambda row: (row.consumer, row.provider),
}


def _that_counts(group: list[Row]) -> Row:
    first = group[0]
    if first.provider_version is None:
        return first
    return max(group, key=lambda row: row.provider_version.position if row.provider_version else 0)
