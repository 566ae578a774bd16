"""Retention: which versions and branches to keep, and why (Pact Broker reference §12.1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from tally.values import dataclass

Name = str | bool | None
"""A name; True is any name, None is no condition."""


@dataclass(frozen=True)
class KeepSelector:
    """Conditions for a version to be kept; it must meet all that are given."""

    pacticipant: str | None = None
    latest: bool = False
    tag: Name = None
    branch: Name = None
    main_branch: bool = False
    environment: str | None = None
    deployed: bool = False
    released: bool = False
    max_age: int | None = None  # days since the version was created

    def keeps(self, version: "VersionFacts", now: datetime) -> bool:
        """Return whether the version matches."""
        return (
            self.pacticipant in {None, version.pacticipant}
            and self._has_the_age(version, now)
            and self._has_the_place(version)
            and self._has_the_names(version)
        )

    def _has_the_age(self, version: "VersionFacts", now: datetime) -> bool:
        return self.max_age is None or version.created_at > now - timedelta(days=self.max_age)

    def _has_the_place(self, version: "VersionFacts") -> bool:
        if not (self.deployed or self.released or self.environment):
            return True
        either = not (self.deployed or self.released)
        places = {
            *(version.deployed_in if self.deployed or either else ()),
            *(version.released_in if self.released or either else ()),
        }
        return self.environment in places if self.environment else bool(places)

    def _has_the_names(self, version: "VersionFacts") -> bool:
        if self.latest and self._is_overall:
            return version.latest
        main = version.main_branch if self.main_branch else None
        return (
            self._has_name(self.tag, version.tags)
            and self._has_name(self.branch, version.branches)
            and (not self.main_branch or (main is not None and self._has_name(main, version.branches)))
        )

    def _has_name(self, wanted: Name, names: Mapping[str, bool]) -> bool:
        """Return whether a name is wanted; *names* say of each if the version is the latest with it."""
        if wanted is None:
            return True
        return any((latest or not self.latest) and wanted in {True, name} for name, latest in names.items())

    @property
    def _is_overall(self) -> bool:
        return not (
            self.tag or self.branch or self.main_branch or self.environment or self.deployed or self.released
        )


ALWAYS = (KeepSelector(deployed=True), KeepSelector(released=True))
DEFAULT = (
    KeepSelector(latest=True, tag=True),
    KeepSelector(latest=True, branch=True),
    KeepSelector(latest=True),
    KeepSelector(max_age=90),
)


@dataclass(frozen=True)
class VersionFacts:
    """What the decision whether to keep a version depends on."""

    id: int
    pacticipant: str
    main_branch: str | None
    number: str
    position: int
    created_at: datetime
    latest: bool = False
    tags: Mapping[str, bool] = field(default_factory=dict)  # whether it is the latest with that tag
    branches: Mapping[str, bool] = field(default_factory=dict)  # whether it is the head of that branch
    deployed_in: Collection[str] = ()  # names of environments, now
    released_in: Collection[str] = ()


@dataclass(frozen=True)
class BranchFacts:
    """What the decision whether to keep a branch depends on."""

    id: int
    pacticipant: str
    main_branch: str | None  # of the pacticipant
    name: str
    updated_at: datetime  # when its latest version came


@dataclass(frozen=True)
class BranchSelector:
    """Branches to keep: those of these names, and those with a version of the last days."""

    max_age: int | None = None
    names: tuple[str, ...] = ()

    def keeps(self, branch: BranchFacts, now: datetime) -> bool:
        """Return whether the branch meets one of the two: a name is kept whatever its age."""
        young = self.max_age is not None and branch.updated_at > now - timedelta(days=self.max_age)
        return young or branch.name in self.names


@dataclass(frozen=True)
class Policy:
    """What `tally clean` keeps, and how much it deletes at most."""

    selectors: tuple[KeepSelector, ...] = DEFAULT
    limit: int = 1000  # versions in one run
    overwritten_days: int = 7
    branch_selectors: tuple[BranchSelector, ...] = (BranchSelector(max_age=90),)  # without any, all stay
    branch_limit: int = 1000  # branches in one run

    @property
    def keep(self) -> tuple[KeepSelector, ...]:
        """The selectors, with those that always apply."""
        return self.selectors + tuple(always for always in ALWAYS if always not in self.selectors)

    def keeps(self, version: VersionFacts, now: datetime) -> bool:
        """Return whether the version stays."""
        return any(selector.keeps(version, now) for selector in self.keep)

    def keeps_branch(self, branch: BranchFacts, now: datetime) -> bool:
        """Return whether the branch stays; a main branch always does."""
        return (
            not self.branch_selectors
            or branch.name == branch.main_branch
            or any(selector.keeps(branch, now) for selector in self.branch_selectors)
        )


@dataclass(frozen=True)
class Kept:
    """Which versions of one pacticipant stay, which are deleted, and how many each selector keeps."""

    pacticipant: str
    stay: Sequence[VersionFacts]  # oldest first
    go: Sequence[VersionFacts]  # oldest first
    by_selector: tuple[int, ...]  # in the order of Policy.keep; a version may count several times


def decide(pacticipant: str, versions: Sequence[VersionFacts], policy: Policy, now: datetime) -> Kept:
    """Divide the pacticipant's versions, given oldest first, into those that stay and those to delete."""
    matches = [[selector.keeps(version, now) for selector in policy.keep] for version in versions]
    by_selector = tuple(sum(column) for column in zip(*matches, strict=True)) or (0,) * len(policy.keep)
    stay = [version for version, kept in zip(versions, matches, strict=True) if any(kept)]
    go = [version for version, kept in zip(versions, matches, strict=True) if not any(kept)]
    return Kept(pacticipant, stay, go, by_selector)
