"""Which versions a question is about (Pact Broker reference §8.1), and how to say it in words."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class VersionRef:
    """A version that was found. *position* orders versions: higher is later."""

    id: int
    number: str
    position: int


@dataclass(frozen=True)
class Selector:
    """Versions of an application: by one of number, branch, tag, environment, main branch.

    *latest* alone is the newest version; with a branch or a tag, the newest of those. A name alone is any
    version.
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
        """Whether any version will do: nothing but a name was given."""
        return self == Selector(self.pacticipant)


@dataclass(frozen=True)
class Target:
    """Which versions of the other applications count, such as those in an environment."""

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
        """Return which versions of an application are meant."""
        return Selector(pacticipant, **vars(self))


@dataclass(frozen=True)
class Choice:
    """A selector and the versions that it found.

    *specified* tells what was asked for from what was inferred from the target; *known* is False when even
    the application does not exist.
    """

    selector: Selector
    versions: tuple[VersionRef, ...] = ()
    specified: bool = True
    known: bool = True
    pacticipant_id: int = 0

    @property
    def is_missing(self) -> bool:
        """Whether versions were asked for, and there are none."""
        return not self.known or not (self.versions or self.selector.is_open)

    def covers(self, pacticipant: str, version: VersionRef | None) -> bool:
        """Return whether a version is among those that are meant."""
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
    """Return the versions in words, or the one of them that is at issue (reference §8.7)."""
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
    """Return in words what *choices* say of an application, or of a version of it."""
    meant = [choice for choice in choices if choice.selector.pacticipant == pacticipant]
    if version is not None:
        meant = [choice for choice in meant if choice.covers(pacticipant, version)]
    if len(meant) != 1:
        # Nothing was said about it, or so much that it would not make a sentence.
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
