"""Events: what webhooks can be about, and when each of them happens (Pact Broker reference §10.3)."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from broker.domain.pacts.publication_plan import PublicationOutcome
from tally.values import dataclass


class Event(StrEnum):
    """The events, by the names that webhooks use."""

    CONTRACT_PUBLISHED = "contract_published"
    CONTRACT_CONTENT_CHANGED = "contract_content_changed"
    CONTRACT_REQUIRING_VERIFICATION_PUBLISHED = "contract_requiring_verification_published"
    VERIFICATION_PUBLISHED = "provider_verification_published"
    VERIFICATION_SUCCEEDED = "provider_verification_succeeded"
    VERIFICATION_FAILED = "provider_verification_failed"
    SERVICE_CONTRACT_PUBLISHED = "service_contract_published"
    COMPARISON_SUCCEEDED = "comparison_succeeded"
    COMPARISON_FAILED = "comparison_failed"
    QUALITY_GATE_FAILED = "quality_gate_failed"
    QUALITY_GATE_RECOVERED = "quality_gate_recovered"
    AUDIT_ENTRY_CREATED = "audit_entry_created"
    """About no consumer and no provider."""


EXPLAINED: Mapping[str, str] = {
    Event.CONTRACT_PUBLISHED: "a pact was published",
    Event.CONTRACT_CONTENT_CHANGED: "a pact was published with other content than before",
    Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED: "a provider version has no result for a pact yet",
    Event.VERIFICATION_PUBLISHED: "a provider has published a result",
    Event.VERIFICATION_SUCCEEDED: "a provider has published a result, which is a success",
    Event.VERIFICATION_FAILED: "a provider has published a result, which is a failure",
    Event.SERVICE_CONTRACT_PUBLISHED: "a provider has published a document",
    Event.COMPARISON_SUCCEEDED: "a pact fits the document of its provider",
    Event.COMPARISON_FAILED: "a pact does not fit the document of its provider",
    Event.QUALITY_GATE_FAILED: "a quality gate holds no more",
    Event.QUALITY_GATE_RECOVERED: "a quality gate that failed holds again",
    Event.AUDIT_ENTRY_CREATED: "the audit log has a new entry; for no consumer and no provider",
}
"""When each event happens, for people who choose one."""


@dataclass(frozen=True)
class Requirement:
    """One reason why a provider version without a result for a content needs one."""

    version_id: int
    number: str
    reason: str
    on_main_branch: bool


@dataclass(frozen=True)
class RequiredVersion:
    """A provider version that needs a result, with all the reasons."""

    version_id: int
    number: str
    reasons: tuple[str, ...]
    on_main_branch: bool


@dataclass(frozen=True)
class PreviousContent:
    """A published content, and the one *before* it: with the same tag, or without any; None when none was."""

    content_id: int
    before: int | None


def events_of_publication(
    outcome: PublicationOutcome, previous: Iterable[PreviousContent], required: Sequence[RequiredVersion]
) -> tuple[Event, ...]:
    """Return the events of the publication of one pact, in the order of their deliveries."""
    events = [Event.CONTRACT_PUBLISHED]
    if required:
        events.append(Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED)
    if content_changed(outcome, previous):
        events.append(Event.CONTRACT_CONTENT_CHANGED)
    return tuple(events)


def content_changed(outcome: PublicationOutcome, previous: Iterable[PreviousContent]) -> bool:
    """Return whether a publication changed the content of a pact (reference §5.8).

    The first pact of a version does if its content is new for one of the version's tags. Republishing equal
    content changes nothing; a merge or an overwrite does.
    """
    if outcome is PublicationOutcome.CREATED:
        return any(item.before != item.content_id for item in previous)
    return outcome is not PublicationOutcome.UNCHANGED


def events_of_result(*, success: bool) -> tuple[Event, ...]:
    """Return the events of a result, in the order of their deliveries."""
    outcome = Event.VERIFICATION_SUCCEEDED if success else Event.VERIFICATION_FAILED
    return Event.VERIFICATION_PUBLISHED, outcome


def required_versions(found: Iterable[Requirement]) -> tuple[RequiredVersion, ...]:
    """Return each provider version once, in the order of *found*, with all its reasons."""
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
"""The words of repository hosts for a result, by template parameter; None is "no result yet"."""


def commit_statuses(*, success: bool | None) -> dict[str, str]:
    """Return the template parameters with the result of a verification, in the words of each host."""
    return {name: words[success] for name, words in COMMIT_STATUSES.items()}
