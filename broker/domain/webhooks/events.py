"""What happens that others may want to know (Pact Broker reference §10.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from broker.domain.pacts.publication_plan import PublicationOutcome


class Event(StrEnum):
    """Names of events, as webhooks name them."""

    CONTRACT_PUBLISHED = "contract_published"
    CONTRACT_CONTENT_CHANGED = "contract_content_changed"
    CONTRACT_REQUIRING_VERIFICATION_PUBLISHED = "contract_requiring_verification_published"
    VERIFICATION_PUBLISHED = "provider_verification_published"
    VERIFICATION_SUCCEEDED = "provider_verification_succeeded"
    VERIFICATION_FAILED = "provider_verification_failed"


@dataclass(frozen=True)
class Requirement:
    """A provider version that has no result for a content; *reason* says why it needs one."""

    version_id: int
    number: str
    reason: str
    on_main_branch: bool


@dataclass(frozen=True)
class RequiredVersion:
    """A provider version that needs a result, once, with all the reasons."""

    version_id: int
    number: str
    reasons: tuple[str, ...]
    on_main_branch: bool


@dataclass(frozen=True)
class PreviousContent:
    """What was published before with the same tag, or without any: None when nothing was."""

    content_id: int
    before: int | None


def events_of_publication(
    outcome: PublicationOutcome, previous: Iterable[PreviousContent], required: Sequence[RequiredVersion]
) -> tuple[Event, ...]:
    """Return what the publication of one pact means, in the order in which it is told."""
    events = [Event.CONTRACT_PUBLISHED]
    if required:
        events.append(Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED)
    if content_changed(outcome, previous):
        events.append(Event.CONTRACT_CONTENT_CHANGED)
    return tuple(events)


def content_changed(outcome: PublicationOutcome, previous: Iterable[PreviousContent]) -> bool:
    """Return whether the content is new for one of the version's tags (reference §5.8).

    What is published again as it was never is; what is published again otherwise always is.
    """
    if outcome is PublicationOutcome.CREATED:
        return any(item.before != item.content_id for item in previous)
    return outcome is not PublicationOutcome.UNCHANGED


def events_of_result(*, success: bool) -> tuple[Event, ...]:
    """Return what a result means, in the order in which it is told."""
    outcome = Event.VERIFICATION_SUCCEEDED if success else Event.VERIFICATION_FAILED
    return Event.VERIFICATION_PUBLISHED, outcome


def required_versions(found: Iterable[Requirement]) -> tuple[RequiredVersion, ...]:
    """Return each provider version once, in the order of *found*, with its reasons."""
    by_id: dict[int, list[Requirement]] = {}
    for item in found:
        by_id.setdefault(item.version_id, []).append(item)
    return tuple(
        RequiredVersion(
            version_id,
            items[0].number,
            tuple(dict.fromkeys(item.reason for item in items)),
            any(item.on_main_branch for item in items),
        )
        for version_id, items in by_id.items()
    )


COMMIT_STATUSES: Mapping[str, Mapping[bool | None, str]] = {
    "githubVerificationStatus": {None: "pending", True: "success", False: "failure"},
    "bitbucketVerificationStatus": {None: "INPROGRESS", True: "SUCCESSFUL", False: "FAILED"},
    "gitlabVerificationStatus": {None: "pending", True: "success", False: "failed"},
    "azureDevOpsVerificationStatus": {None: "pending", True: "succeeded", False: "failed"},
}
"""How the hosts of repositories call a result, by template parameter; None is "no result yet"."""


def commit_statuses(*, success: bool | None) -> dict[str, str]:
    """Return the template parameters that say in each host's words what came of the verification."""
    return {name: words[success] for name, words in COMMIT_STATUSES.items()}
