"""Which pacts a provider has to verify, and which of them may fail (reference §6)."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.errors import ValidationError
from broker.domain.verifications import consumer_selector_rules, consumer_selectors
from broker.domain.verifications.consumer_selectors import (
    ConsumerVersionSelector,
    Found,
    FoundPacts,
    Search,
    SelectedPact,
)
from broker.domain.verifications.pending import Provider
from broker.domain.verifications.wip_window import WipWindow
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class PactsQuery:
    """The query of a provider; *wip_since* is None when it wants no work in progress."""

    provider: Provider
    selectors: tuple[ConsumerVersionSelector, ...] = ()
    include_pending: bool = True
    wip_since: datetime | None = None


@dataclass(frozen=True)
class PactToVerify:
    """A pact to verify; *pending* is None when it was not asked for.

    *verified_by* is the branch that has verified it, where the provider's version is from a branch.
    """

    pact: SelectedPact
    pending: bool | None
    verified_by: str | None = None


def find(
    storage: Storage, query: PactsQuery, now: datetime, window: WipWindow | None = None
) -> list[PactToVerify]:
    """Return the pacts that the selectors select, then the work in progress.

    With a *window*, the broker and not the query decides since when a pact is work in progress.
    Raises ValidationError for a selector that makes no sense, NotFoundError for an unknown provider.
    """
    _check(storage, query)
    found, selected = _selected(storage, query)
    asking = _AskingVersion(storage, found, query.provider, now)
    explicit = consumer_selectors.group(selected)
    in_progress = asking.work_in_progress(_since(asking, query, window), explicit)
    pacts = [*explicit, *in_progress]
    if not query.include_pending:
        return [PactToVerify(pact, None) for pact in pacts]
    verified = asking.verified({pact.pact_version_id for pact in explicit})
    return [
        PactToVerify(
            pact, pact.wip or pact.pact_version_id not in verified, verified.get(pact.pact_version_id)
        )
        for pact in pacts
    ]


def _check(storage: Storage, query: PactsQuery) -> None:
    environments: set[str] = set()
    if any(selector.environment is not None for selector in query.selectors):
        environments = {environment.name for environment in storage.environments.all()}
    errors = [
        f"{message} (at index {index})"
        for index, selector in enumerate(query.selectors)
        for message in consumer_selector_rules.broken_rules(
            selector, provider_branch=query.provider.branch, environments=environments
        )
    ]
    if errors:
        raise ValidationError({"consumerVersionSelectors": errors})


def _selected(storage: Storage, query: PactsQuery) -> tuple[FoundPacts, list[Found]]:
    """Return what was found, and of this the pacts of each selector in turn. Raises NotFoundError."""
    branch = query.provider.branch
    asked: Sequence[tuple[Sequence[Search], Search | None]] = [
        (consumer_selectors.searches(selector, provider_branch=branch), consumer_selectors.fallback(selector))
        for selector in query.selectors
    ] or [(consumer_selectors.DEFAULT_SEARCHES, None)]
    found = _look_for(storage, query.provider, [search for searches, _ in asked for search in searches])
    fallbacks = [instead for searches, instead in asked if instead and not found.of(searches)]
    if fallbacks:
        found = found.with_more(_look_for(storage, query.provider, fallbacks))
    return found, [
        pact
        for searches, instead in asked
        for pact in found.of(searches) or found.of([instead] if instead else [])
    ]


def _look_for(storage: Storage, provider: Provider, searches: Sequence[Search]) -> FoundPacts:
    found = storage.selected_pacts.find(provider.name, searches)
    if found is None:
        raise pacticipants.not_found(provider.name, "provider")
    return found


@dataclass(frozen=True)
class _AskingVersion:
    """A provider version that asks for pacts to verify, and when."""

    storage: Storage
    found: FoundPacts
    version: Provider
    now: datetime

    def work_in_progress(self, since: datetime | None, explicit: list[SelectedPact]) -> list[SelectedPact]:
        """Return new pacts that nobody selected, and that this version's branch or tags did not verify."""
        if since is None or not (self.version.branch or self.version.tags):
            return []
        selected = {pact.pact_version_id for pact in explicit}
        candidates = self.storage.selected_pacts.heads_since(self.version.name, since)
        contents = {found.pact_version_id for found in candidates} - selected
        remaining = contents - self.verified(contents, explicit=True).keys()
        return consumer_selectors.group(
            [found for found in candidates if found.pact_version_id in remaining], wip=True
        )

    def verified(self, contents: set[int], *, explicit: bool = False) -> dict[int, str | None]:
        """Return the contents that have been verified before, for the branch or for all of the tags.

        Each has the branch that verified it, where a branch asks. The failure of the other contents must not
        fail the build (reference §6.5).
        """
        successes, version = self.storage.successes, self.version
        if not contents:
            return {}
        if version.branch is not None:
            return {
                **successes.from_branch(contents, self.found, version.branch, self.now, explicit=explicit)
            }
        if not version.tags:
            return dict.fromkeys(successes.by_anyone(contents))
        with_all_tags = set.intersection(
            *(
                successes.with_tag(contents, self.found.provider_id, tag, self.now, explicit=explicit)
                for tag in version.tags
            )
        )
        return dict.fromkeys(with_all_tags)


def _since(asking: _AskingVersion, query: PactsQuery, window: WipWindow | None) -> datetime | None:
    if query.wip_since is None or window is None:
        return query.wip_since
    ages = asking.storage.selected_pacts.unverified_since(asking.version.name, window.earliest(asking.now))
    return window.begins([asking.now - published_at for published_at in ages], asking.now)
