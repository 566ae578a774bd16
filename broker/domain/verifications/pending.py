"""Pending pacts, and notices about why a pact is verified (Pact Broker reference §6.5, §6.7)."""

from collections.abc import Sequence

from broker.domain.verifications.consumer_selectors import Found, SelectedPact
from broker.domain.verifications.url_metadata import FoundBy, Metadata
from tally.values import dataclass


@dataclass(frozen=True)
class Provider:
    """The provider version that is going to verify, as far as it is known beforehand."""

    name: str
    branch: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """The provider in words, as the one who has verified a pact or not."""
        if self.branch:
            return f"branch '{self.branch}' of {self.name}"
        if self.tags:
            return f"{self.name} with tag " + " or ".join(f"'{tag}'" for tag in self.tags)
        return self.name


@dataclass(frozen=True)
class VerificationNotice:
    """A sentence, and when a verifier shows it: "before_verification" and others."""

    when: str
    text: str


def notices(
    pact: SelectedPact, provider: Provider, url: str, *, pending: bool | None, verified_by: str | None = None
) -> list[VerificationNotice]:
    """Return the notices for a verifier; *pending* is None when it was not asked for.

    *verified_by* is the branch that has verified a pact which is not pending, where a branch asks.
    """
    shown = [VerificationNotice("before_verification", _why(pact, provider, url))]
    if pending is None:
        return shown
    shown.append(
        VerificationNotice(
            "before_verification",
            _why_pending(pact, provider) if pending else _why_not_pending(provider, verified_by),
        )
    )
    if not pending:
        return shown
    still = "This pact is still pending: a failure does not fail the build."
    return [
        *shown,
        VerificationNotice(
            "after_verification:success_true_published_false",
            "This pact is still pending, because the results were not published to the broker.",
        ),
        VerificationNotice("after_verification:success_false_published_false", still),
        VerificationNotice(
            "after_verification:success_true_published_true",
            f"This pact is no longer pending: it was verified by {provider.description}, "
            "so from now on a failure fails the build.",
        ),
        VerificationNotice("after_verification:success_false_published_true", still),
    ]


def short_description(pact: SelectedPact) -> str:
    """Return the selectors that found the pact, in short form (reference §6.3)."""
    return ", ".join(dict.fromkeys(_short(found) for found in pact.found))


def metadata_of(pact: SelectedPact, *, pending: bool | None) -> Metadata:
    """Return the metadata in the URL of the pact; work in progress has no more than that (reference §6.4)."""
    if pact.wip:
        return Metadata(pact.consumer_versions, wip=True)
    newest_first = sorted(pact.found, key=lambda found: -found.position)
    found_by = tuple(dict.fromkeys(map(_found_by, newest_first)))
    return Metadata(pact.consumer_versions, pending, found_by=found_by)


def _found_by(found: Found) -> FoundBy:
    kind = found.search.kind
    return FoundBy(
        found.version,
        branch=found.name if kind in {"branch", "main-branch"} else None,
        tag=found.name if kind in {"tag", "main-tag", "all-with-tag"} else None,
        environment=found.name if kind in {"deployed", "released"} else None,
        latest=kind not in {"all-with-tag", "deployed", "released"},
    )


def _why(pact: SelectedPact, provider: Provider, url: str) -> str:
    reasons = "\n".join(f"    * {line}" for line in _reasons(pact, provider.name))
    if not pact.wip:
        return f"The pact at {url} is verified because it is the pact of:\n{reasons}"
    shared = "\nAll of these have the same content." if len(pact.found) > 1 else ""
    return (
        f"The pact at {url} is verified as work in progress: {provider.description} "
        f"has not verified it yet at the request of a selector. It is the pact of:\n{reasons}{shared}"
    )


def _reasons(pact: SelectedPact, provider: str) -> Sequence[str]:
    """Return a line for each search that found the pact; environments share one line for each kind."""
    places: dict[str, list[Found]] = {"deployed": [], "released": []}
    for found in sorted(pact.found, key=lambda found: (found.production, found.name or "")):
        if found.search.kind in places:
            places[found.search.kind].append(found)
    lines = [_reason(found, provider) for found in pact.found if found.search.kind not in places]
    lines += [_where(kind, found) for kind, found in places.items() if found]
    return list(dict.fromkeys(lines))


def _where(kind: str, found: Sequence[Found]) -> str:
    *others, last = dict.fromkeys(f"{item.name} ({item.version})" for item in found)
    listed = f"{', '.join(others)} and {last}" if others else last
    versions = "the versions" if len({item.version for item in found}) > 1 else "the version"
    state = "deployed to" if kind == "deployed" else "released and supported in"
    return f"{versions} of {found[0].consumer} currently {state} {listed}"


def _reason(found: Found, provider: str) -> str:
    search = found.search
    whose = f"the latest version of {found.consumer}"
    if search.fallback_for:
        whose += f" (nothing was found for '{search.fallback_for}')"
    texts = {
        "main-branch": f"{whose} from its main branch '{found.name}'",
        "branch": f"{whose} from branch '{found.name}'",
        "tag": f"{whose} tagged '{found.name}'",
        "main-tag": f"{whose} tagged '{found.name}', as its main branch is called",
        "all-with-tag": f"a version of {found.consumer} tagged '{found.name}'",
    }
    return f"{texts.get(search.kind, f'{whose} with a pact with {provider}')} ({found.version})"


def _why_pending(pact: SelectedPact, provider: Provider) -> str:
    if pact.wip:
        return "It is pending because it is work in progress: a failure does not fail the build."
    return (
        f"It is pending for {provider.description}, because no successful result of it has been "
        "published from there: a failure does not fail the build."
    )


def _why_not_pending(provider: Provider, verified_by: str | None) -> str:
    by = f"by {provider.description} before"
    if provider.branch and verified_by and verified_by != provider.branch:
        by = f"by branch '{verified_by}' of {provider.name} before branch '{provider.branch}' began"
    elif provider.tags and not provider.branch:
        whose = "that tag was" if len(provider.tags) == 1 else "those tags were"
        by = f"by {provider.description}, or before {whose} first used"
    return f"It was verified {by}: a failure fails the build."


def _short(found: Found) -> str:
    search = found.search
    texts = {
        "main-branch": "latest from main branch",
        "branch": f"latest from branch {found.name}",
        "tag": f"latest with tag {found.name}",
        "main-tag": f"latest with tag {found.name}",
        "all-with-tag": f"one of {search.consumer + ' ' if search.consumer else ''}{found.name}",
        "latest": "latest",
        "latest-without-main-branch": "latest",
        "deployed": f"deployed to {found.name}",
        "released": f"released in {found.name}",
    }
    return texts[search.kind]
