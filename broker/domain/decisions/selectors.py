"""The selectors of a question, and the versions that they find, in words (Pact Broker reference §8.1)."""

from collections.abc import Sequence
from dataclasses import field

from tally.values import dataclass


@dataclass(frozen=True)
class VersionRef:
    """A version that was found. *position* orders versions: higher is later."""

    id: int
    number: str
    position: int


@dataclass(frozen=True)
class Selector:
    """Versions of an application: by at most one of number, branch, tag, environment, main branch.

    *latest* alone is the newest version; with a branch or a tag, it is the newest of those. A selector with
    nothing but the application is any version.
    """

    pacticipant: str
    version: str | None = None
    branch: str | None = None
    tag: str | None = None
    environment: str | None = None
    main_branch: bool = False
    latest: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the selector is any version: it has nothing but the application."""
        # Asked many times for a decision: to compare with an empty selector would make one each time.
        texts = (self.version, self.branch, self.tag, self.environment)
        return texts == (None, None, None, None) and not (self.main_branch or self.latest)


@dataclass(frozen=True)
class Target:
    """Which versions of the other applications the question is about, such as those in an environment."""

    tag: str | None = None
    environment: str | None = None
    branch: str | None = None
    main_branch: bool = False
    latest: bool = False

    @property
    def is_given(self) -> bool:
        """Whether there is a target at all."""
        return self != Target()

    def selector(self, pacticipant: str) -> Selector:
        """Return the selector of an application's versions."""
        return Selector(pacticipant, **vars(self))


@dataclass(frozen=True)
class Choice:
    """A selector and the versions that it found.

    *specified* is True for a selector of the question, False for one that follows from the target. *known* is
    False when the application does not exist. *has_contracts* may be True only if service contracts can
    matter.
    """

    selector: Selector
    versions: tuple[VersionRef, ...] = ()
    specified: bool = True
    known: bool = True
    pacticipant_id: int = 0
    has_contracts: bool = field(default=False, compare=False)

    @property
    def is_missing(self) -> bool:
        """Whether the selector finds no version."""
        return not self.known or not (self.versions or self.selector.is_open)

    def covers(self, pacticipant: str, version: VersionRef | None) -> bool:
        """Return whether the selector found the version; any version for one that is open."""
        if pacticipant != self.selector.pacticipant:
            return False
        return self.selector.is_open or (version is not None and version in self.versions)


def broken_rules(selector: Selector) -> list[str]:
    """Return what is wrong with the selector; nothing when it can be used."""
    kinds = {
        "version": selector.version,
        "branch": selector.branch,
        "tag": selector.tag,
        "environment": selector.environment,
        "mainBranch": selector.main_branch,
    }
    given = [name for name, value in kinds.items() if value]
    name = selector.pacticipant
    if len(given) > 1:
        return [f"Choose one of {' and '.join(given)} for {name}: they cannot be combined"]
    if selector.latest and given in (["version"], ["environment"]):
        return [f"Choose one of {given[0]} and latest for {name}: they cannot be combined"]
    return []


def broken_target_rules(target: Target) -> list[str]:
    """Return what is wrong with the target; nothing when it can be used."""
    kinds = {
        "tag": target.tag,
        "environment": target.environment,
        "branch": target.branch,
        "mainBranch": target.main_branch,
    }
    given = [name for name, value in kinds.items() if value]
    if len(given) > 1:
        return [f"Choose one of {' and '.join(given)}: they cannot be combined"]
    if target.environment and target.latest:
        return ["Choose one of environment and latest=true: they cannot be combined"]
    return []


def describe(choice: Choice, version: VersionRef | None = None) -> str:
    """Return the versions in words, or *version*, which is one of them (reference §8.7)."""
    selector = choice.selector
    name = selector.pacticipant
    if not choice.known:
        return f"any version of {name} (no such pacticipant exists)"
    if selector.is_open:
        return f"version {version.number} of {name}" if version else f"any version of {name}"
    if selector.version is not None:
        missing = "" if choice.versions else " (no such version exists)"
        return f"version {selector.version} of {name}{missing}"
    found = _numbers(choice) if version is None else version.number
    return f"{_article(choice, version)} of {name}{_where(selector)} ({found or _nothing(selector)})"


def describe_all(choices: Sequence[Choice], pacticipant: str, version: VersionRef | None) -> str:
    """Return in words how *choices* select an application, or a version of it."""
    meant = [choice for choice in choices if choice.selector.pacticipant == pacticipant]
    if version is not None:
        meant = [choice for choice in meant if choice.covers(pacticipant, version)]
    if len(meant) != 1:
        # No selector is about it, or several are, which would not make one sentence.
        return describe(Choice(Selector(pacticipant)), version)
    return describe(meant[0], version)


def _numbers(choice: Choice) -> str:
    newest_first = sorted(choice.versions, key=lambda version: -version.position)
    return ", ".join(version.number for version in newest_first)


def _article(choice: Choice, version: VersionRef | None) -> str:
    if choice.selector.latest:
        return "the latest version"
    if not choice.versions:
        return "a version"
    if len(choice.versions) == 1:
        return "the version"
    return "one of the versions" if version is not None else "any of the versions"


def _where(selector: Selector) -> str:
    if selector.tag is not None:
        return f" with tag {selector.tag}"
    if selector.branch is not None:
        return f" from branch {selector.branch}"
    if selector.environment is not None:
        return f" currently in {selector.environment}"
    return " from the main branch" if selector.main_branch else ""


def _nothing(selector: Selector) -> str:
    return "none is recorded there" if selector.environment is not None else "there is none"
