"""Selectors of the pacts that a provider verifies, and what they find (Pact Broker reference §6.2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from tally.values import dataclass

Kind = Literal[
    "main-branch",
    "main-tag",
    "branch",
    "tag",
    "all-with-tag",
    "latest",
    "latest-without-main-branch",
    "deployed",
    "released",
]


@dataclass(frozen=True)
class ConsumerVersionSelector:
    """One selector as a client sends it. *branch* is True for the heads of all branches."""

    consumer: str | None = None
    main_branch: bool | None = None
    branch: str | Literal[True] | None = None
    matching_branch: bool | None = None
    fallback_branch: str | None = None
    tag: str | None = None
    fallback_tag: str | None = None
    latest: bool | None = None
    deployed: bool | None = None
    released: bool | None = None
    deployed_or_released: bool | None = None
    environment: str | None = None


class Search(NamedTuple):
    """One look-up that a selector stands for.

    *name* is the branch, the tag or the environment; None is any of them.
    """

    kind: Kind
    name: str | None = None
    consumer: str | None = None
    fallback_for: str | None = None
    """The branch or tag for which nothing was found."""


class Found(NamedTuple):
    """A pact that a search found, with the consumer version that has it.

    *name* is the branch, the tag or the environment that the version was found by.
    """

    search: Search
    consumer: str
    version_id: int
    version: str
    position: int
    pact_version_id: int
    sha: str
    name: str | None = None
    production: bool = False


@dataclass(frozen=True)
class FoundPacts:
    """What searches found for a provider, and what they have seen of the provider itself."""

    provider_id: int
    main_branch: str | None
    """That of the provider."""
    by_search: Mapping[Search, Sequence[Found]]

    def of(self, searches: Iterable[Search]) -> list[Found]:
        """Return what these have found, in their order."""
        return [found for search in searches for found in self.by_search[search]]

    def with_more(self, more: "FoundPacts") -> "FoundPacts":
        """Return these together with what other searches have found."""
        return replace(self, by_search={**self.by_search, **more.by_search})


@dataclass(frozen=True)
class SelectedPact:
    """One content to verify, with all that was found with it; *wip* when it is only work in progress."""

    consumer: str
    version: str
    """The newest consumer version that has this content."""
    position: int
    pact_version_id: int
    sha: str
    found: tuple[Found, ...]
    wip: bool = False

    @property
    def consumer_versions(self) -> tuple[str, ...]:
        """Every consumer version that was found, newest first."""
        newest_first = sorted(self.found, key=lambda found: -found.position)
        return tuple(dict.fromkeys(found.version for found in newest_first))


def searches(selector: ConsumerVersionSelector, *, provider_branch: str | None) -> list[Search]:
    """Return the look-ups that the selector stands for, without its fallback."""
    consumer = selector.consumer
    if selector.main_branch:
        return [Search("main-branch", None, consumer)]
    if selector.matching_branch:
        return [Search("branch", provider_branch, consumer)]
    if selector.branch is not None:
        return [Search("branch", None if selector.branch is True else selector.branch, consumer)]
    if selector.tag is not None:
        return [Search("tag" if selector.latest else "all-with-tag", selector.tag, consumer)]
    if selector.latest:
        return [Search("latest", None, consumer)]
    kinds: list[Kind] = []
    if not selector.released:
        kinds.append("deployed")
    if not selector.deployed:
        kinds.append("released")
    return [Search(kind, selector.environment, consumer) for kind in kinds]


def fallback(selector: ConsumerVersionSelector) -> Search | None:
    """Return the look-up to make when the selector found nothing at all."""
    if selector.fallback_tag is not None:
        return Search("tag", selector.fallback_tag, selector.consumer, fallback_for=selector.tag)
    if selector.fallback_branch is not None and isinstance(selector.branch, str):
        return Search("branch", selector.fallback_branch, selector.consumer, fallback_for=selector.branch)
    return None


DEFAULT_SEARCHES = (
    Search("main-branch"),
    Search("main-tag"),
    Search("latest-without-main-branch"),
    Search("deployed"),
    Search("released"),
)
"""What is verified when no selector is given (reference §6.2)."""


def group(found: Sequence[Found], *, wip: bool = False) -> list[SelectedPact]:
    """Return one entry for each content of a consumer, sorted by name and version (reference §6.3)."""
    by_content: dict[int, list[Found]] = {}
    for item in found:
        by_content.setdefault(item.pact_version_id, []).append(item)
    selected = []
    for same in by_content.values():
        newest = max(same, key=lambda item: item.position)
        selected.append(
            SelectedPact(
                consumer=newest.consumer,
                version=newest.version,
                position=newest.position,
                pact_version_id=newest.pact_version_id,
                sha=newest.sha,
                found=tuple(dict.fromkeys(same)),
                wip=wip,
            )
        )
    return sorted(selected, key=lambda pact: (pact.consumer.lower(), pact.position))
