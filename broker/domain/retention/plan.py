"""What a clean-up deletes, and the report of a dry run (Pact Broker reference §12.1)."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from broker.domain.names import did_you_mean
from broker.domain.retention.keep_selectors import branches_to_document, to_document
from broker.domain.retention.policy import BranchFacts, Kept, Policy, VersionFacts
from tally.values import dataclass


@dataclass(frozen=True)
class VersionRange:
    """Some versions of one pacticipant: how many, the oldest and the newest."""

    count: int
    first: VersionFacts | None
    last: VersionFacts | None

    @classmethod
    def of(cls, versions: Sequence[VersionFacts]) -> "VersionRange":
        """Return the range of versions that are given oldest first."""
        return cls(len(versions), versions[0], versions[-1]) if versions else cls(0, None, None)

    def to_document(self) -> dict[str, Any]:
        """Return the range as JSON."""
        ends = {"firstVersion": self.first, "lastVersion": self.last}
        return {"count": self.count, **{key: _end(version) for key, version in ends.items() if version}}


@dataclass(frozen=True)
class PacticipantPlan:
    """Which versions of one pacticipant stay, and which may be deleted."""

    pacticipant: str
    stay: VersionRange
    go: VersionRange


@dataclass(frozen=True)
class BranchesToDelete:
    """How many branches there are, how many are stale, and those that this run deletes."""

    total: int
    stale: int
    going: tuple[BranchFacts, ...]
    by_selector: tuple[int, ...]  # how many each selector keeps
    unknown: tuple[str, ...]  # names to keep that no branch has
    names: frozenset[str]  # of all branches

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of those that this run deletes."""
        return tuple(branch.id for branch in self.going)

    def going_of(self, pacticipant: str) -> tuple[BranchFacts, ...]:
        """Return the branches of the pacticipant that this run deletes."""
        return tuple(branch for branch in self.going if branch.pacticipant == pacticipant)


@dataclass(frozen=True)
class CleanUpPlan:
    """What one run deletes, oldest first, and how many versions each selector keeps."""

    policy: Policy
    summaries: tuple[PacticipantPlan, ...]
    by_selector: tuple[int, ...]
    version_ids: tuple[int, ...]
    branches: BranchesToDelete

    def to_document(self) -> dict[str, Any]:
        """Return the report of a dry run as JSON."""
        return {"counts": self._counts(), "summary": [self._summary(summary) for summary in self.summaries]}

    def warnings(self) -> list[str]:
        """Return a warning for each name in a selector that nothing has: misspelt, or not there yet."""
        names = [summary.pacticipant for summary in self.summaries]
        branches = self.branches.names
        return [
            *(
                f"keep selector {number} keeps nothing: no pacticipant '{name}'{did_you_mean(name, names)}"
                for number, selector in enumerate(self.policy.selectors, 1)
                if (name := selector.pacticipant) and name not in names
            ),
            *(
                f"no branch to keep is called '{name}'{did_you_mean(name, sorted(branches))}"
                for name in self.branches.unknown
            ),
        ]

    def _counts(self) -> dict[str, Any]:
        stay = sum(summary.stay.count for summary in self.summaries)
        go = sum(summary.go.count for summary in self.summaries)
        by_selector = zip(self.policy.keep, self.by_selector, strict=True)
        return {
            "totalVersions": stay + go,
            "versionsToDelete": len(self.version_ids),
            "versionsNotToKeep": go,
            "versionsToKeep": stay,
            "versionsToKeepBySelector": [
                {"selector": to_document(selector), "count": count} for selector, count in by_selector
            ],
            "totalBranches": self.branches.total,
            "branchesToDelete": len(self.branches.ids),
            "branchesToKeep": self.branches.total - self.branches.stale,
            "branchesToKeepBySelector": [
                {"selector": branches_to_document(selector), "count": count}
                for selector, count in zip(
                    self.policy.branch_selectors, self.branches.by_selector, strict=True
                )
            ],
        }

    def _summary(self, summary: PacticipantPlan) -> dict[str, Any]:
        return {
            "pacticipant": summary.pacticipant,
            "toKeep": summary.stay.to_document(),
            "notToKeep": summary.go.to_document(),
            "branchesToDelete": [
                {"name": branch.name, "updatedAt": branch.updated_at.isoformat(timespec="seconds")}
                for branch in self.branches.going_of(summary.pacticipant)
            ],
        }


def decide_branches(branches: Sequence[BranchFacts], policy: Policy, now: datetime) -> BranchesToDelete:
    """Return what goes of the branches, which are given in the order in which they got their last version."""
    names = frozenset(branch.name for branch in branches)
    stale = [branch for branch in branches if not policy.keeps_branch(branch, now)]
    kept_by_name = chain.from_iterable(selector.names for selector in policy.branch_selectors)
    return BranchesToDelete(
        total=len(branches),
        stale=len(stale),
        going=tuple(stale[: policy.branch_limit]),
        by_selector=tuple(
            sum(selector.keeps(branch, now) for branch in branches) for selector in policy.branch_selectors
        ),
        unknown=tuple(name for name in dict.fromkeys(kept_by_name) if name not in names),
        names=names,
    )


def combine(decisions: Iterable[Kept], branches: BranchesToDelete, policy: Policy) -> CleanUpPlan:
    """Combine the decisions about all pacticipants; the oldest versions are deleted, up to the limit."""
    summaries = []
    by_selector = [0] * len(policy.keep)
    oldest: list[tuple[int, int]] = []
    for decision in decisions:
        summaries.append(
            PacticipantPlan(
                decision.pacticipant, VersionRange.of(decision.stay), VersionRange.of(decision.go)
            )
        )
        by_selector = [a + b for a, b in zip(by_selector, decision.by_selector, strict=True)]
        positions = [(version.position, version.id) for version in decision.go]
        oldest = heapq.nsmallest(policy.limit, oldest + positions)
    ids = tuple(version_id for _, version_id in oldest)
    return CleanUpPlan(policy, tuple(summaries), tuple(by_selector), ids, branches)


def _end(version: VersionFacts) -> dict[str, str]:
    return {"number": version.number, "createdAt": version.created_at.isoformat(timespec="seconds")}
