"""What a publication does to the pacts of a version: create, merge, overwrite, conflict, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from broker.domain.pacts.diff import diff
from broker.domain.pacts.merge import merge
from broker.domain.pacts.pact import CurrentContent
from broker.domain.pacts.publication import Content, NewContract, content
from tally.hashing import parse_exactly
from tally.values import dataclass


class PublicationOutcome(Enum):
    """What a publication does to the pact of a version."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    OVERWRITTEN = "overwritten"


@dataclass(frozen=True)
class Planned:
    """The content to be stored for a provider in the end, and what it replaces."""

    provider: str
    content: Content
    outcome: PublicationOutcome
    replaces: CurrentContent | None


@dataclass(frozen=True)
class Conflict:
    """A contract that would change what the version published before."""

    provider: str
    reason: str
    before: bytes
    after: bytes

    @property
    def changes(self) -> str:
        """A diff. It may take a second, so it must not be made while a lock is held."""
        return diff(self.before, self.after)


def by_provider(contracts: Iterable[NewContract]) -> Mapping[str, Sequence[NewContract]]:
    """Return the contracts by provider, in their order."""
    grouped: dict[str, list[NewContract]] = {}
    for contract in contracts:
        grouped.setdefault(contract.provider, []).append(contract)
    return grouped


def plan(
    contracts: Sequence[NewContract], known: CurrentContent | None, text: bytes, *, may_overwrite: bool
) -> Planned | Conflict:
    """Decide about the contracts of one provider, one after the other (reference §5.7).

    *known* is what the version has published. *text* is its JSON, needed only when a contract differs from
    it. A merge without conflicts is always allowed; one that adds nothing leaves the content unchanged.
    An unchanged content may have other digits, 2.300 for 2.3, with which it is to be shown from now on.
    """
    first = contracts[0]
    sha, outcome = (
        (known.sha, PublicationOutcome.UNCHANGED)
        if known
        else (first.content.sha, PublicationOutcome.CREATED)
    )
    stored = first.content if known is None else Content(sha, text, 0, 0, known.digits)
    for contract in contracts:
        if contract.content.sha == stored.sha:
            stored = contract.content if contract.content.digits != stored.digits else stored
            continue
        if contract.on_conflict == "merge":
            document, contradictions = merge(parse_exactly(stored.text), parse_exactly(contract.content.text))
            if contradictions:
                return _cannot_merge(contract, contradictions, stored)
            changed, how = content(document), PublicationOutcome.MERGED
        elif may_overwrite:
            changed, how = contract.content, PublicationOutcome.OVERWRITTEN
        else:
            return _must_not_change(contract, stored)
        if changed.sha != stored.sha:
            stored = changed
            outcome = PublicationOutcome.CREATED if known is None else how
        elif changed.digits != stored.digits:
            stored = changed
    return Planned(first.provider, stored, outcome, known)


def _cannot_merge(contract: NewContract, contradictions: Sequence[str], stored: Content) -> Conflict:
    return Conflict(
        contract.provider,
        f"cannot be merged: {'; '.join(contradictions)}",
        stored.text,
        contract.content.text,
    )


def _must_not_change(contract: NewContract, stored: Content) -> Conflict:
    return Conflict(
        contract.provider,
        "differs from what was published before. The contract of a version must not change: "
        "publish with a new version number, such as the commit",
        stored.text,
        contract.content.text,
    )
