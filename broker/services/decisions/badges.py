"""Badges: a status in two words. A badge shows what is missing; nothing is raised for it."""

from broker.domain.decisions import badges
from broker.domain.decisions.badges import Badge, Naming
from broker.domain.decisions.can_i_deploy import Decision, Question
from broker.domain.decisions.matrix import LatestBy, Verdict
from broker.domain.decisions.selectors import Selector, Target
from broker.domain.model import Pacticipant, Version
from broker.domain.overview.summaries import ResultSummary, status_of_latest
from broker.domain.pacts.filter import PactFilter
from broker.domain.pacts.pact import ListedPact
from broker.services.decisions import decide
from broker.services.decisions.decide import Explaining
from broker.services.overview import compared
from broker.storage.storage import Storage

_ON_MAIN = {"all", "main-branch"}


def of_pact(storage: Storage, provider: str, consumer: str, which: PactFilter, *, naming: Naming) -> Badge:
    """Return the badge of the latest pact that *which* selects; of all, it is that of the main branches.

    So a branch that came last does not change what a README shows.
    """
    known = storage.pacticipants.find_many([consumer, provider])
    if {consumer, provider} - known.keys():
        return badges.PACT_NOT_FOUND
    if which.kind in _ON_MAIN:
        standings = storage.standings.of_pair(known[consumer].id, known[provider].id)
        if not standings or standings[0].consumer_version is None:
            return badges.PACT_NOT_FOUND
        return badges.of_pact(naming.of(consumer, provider), standings[0].verdict)
    pacts = storage.filtered_pacts.between(known[consumer], known[provider], which)
    if not pacts:
        return badges.PACT_NOT_FOUND
    result = _newest_result(storage, pacts[0])
    earlier = result or storage.summaries.last_result(known[consumer], known[provider], which)
    return badges.of_pact(naming.of(consumer, provider), status_of_latest(result, earlier))


def of_tagged_versions(storage: Storage, consumer: Selector, provider: Selector, naming: Naming) -> Badge:
    """Return the badge of the pact between the latest consumer version and the latest provider version."""
    names = {consumer.pacticipant, provider.pacticipant}
    if names - storage.pacticipants.find_many(names).keys():
        return badges.PACT_NOT_FOUND
    question = Question((consumer, provider), latest_by=LatestBy.CVPV)
    rows = [
        row
        for row in _decide(storage, question, every_version_counts=True).considered
        if (row.consumer, row.provider) == (consumer.pacticipant, provider.pacticipant)
    ]
    title = naming.of(f"{consumer.pacticipant} ({consumer.tag})", f"{provider.pacticipant} ({provider.tag})")
    return badges.of_verdict(title, rows[0].verdict if rows else Verdict.UNKNOWN)


def of_tag_to_tag(
    storage: Storage, pacticipant: str, tags: tuple[str, str], label: str, *, every_version_counts: bool
) -> Badge:
    """Return whether the latest version with the first tag can be deployed next to those with the second."""
    known = storage.pacticipants.find(pacticipant)
    if known is None:
        return badges.not_found("pacticipant")
    tag, to_tag = tags
    if storage.versions.latest_with_tag(known, tag) is None:
        return badges.not_found("version")
    question = Question(
        (Selector(pacticipant, tag=tag, latest=True),),
        target=Target(tag=to_tag, latest=True),
        latest_by=LatestBy.CVP,
    )
    answer = _decide(storage, question, every_version_counts=every_version_counts)
    return badges.can_i_deploy(label, f"{tag} to {to_tag}", deployable=answer.deployable)


def of_branch_to_environment(
    storage: Storage, head: Selector, environment: str, label: str, *, every_version_counts: bool
) -> Badge:
    """Return whether the head of a branch can be deployed to an environment."""
    known, branch = storage.pacticipants.find(head.pacticipant), head.branch or ""
    if known is None:
        return badges.not_found("pacticipant")
    if storage.branches.find(known, branch) is None:
        return badges.not_found("branch")
    if storage.versions.head_of_branch(known.name, branch) is None:
        return badges.not_found("version")
    if storage.environments.find_by_name(environment) is None:
        return badges.not_found("environment")
    question = Question((head,), target=Target(environment=environment), latest_by=LatestBy.CVPV)
    answer = _decide(storage, question, every_version_counts=every_version_counts)
    return badges.can_i_deploy(label, f"{branch} to {environment}", deployable=answer.deployable)


def of_merging(storage: Storage, pacticipant: str, *, every_version_counts: bool) -> Badge:
    """Return whether the main branch works with the main branches of the others."""
    known = storage.pacticipants.find(pacticipant)
    if known is None:
        return badges.not_found("pacticipant")
    version = _on_main_branch(storage, known)
    if version is None:
        return badges.not_found("main branch version")
    question = Question(
        (Selector(pacticipant, version=version.number),),
        target=Target(main_branch=True, latest=True),
        latest_by=LatestBy.CVP,
    )
    answer = _decide(storage, question, every_version_counts=every_version_counts)
    return badges.can_i_merge(deployable=answer.deployable)


def _decide(storage: Storage, question: Question, *, every_version_counts: bool) -> Decision:
    # A badge shows no obstacles.
    found = decide.decide(
        storage, question, every_version_counts=every_version_counts, explaining=Explaining.VERSIONS
    )
    return found.decision


def _newest_result(storage: Storage, pact: ListedPact) -> ResultSummary | None:
    content = storage.verification_results.content(pact.consumer, pact.provider, pact.sha)
    results = storage.summaries.results_of(content, 1) if content else []
    replayed = results[0] if results else None
    key = (pact.consumer, pact.provider, pact.sha)
    found = storage.compared_pacts.newest([key]).get(key)
    return compared.decided(replayed, found) if found else replayed


def _on_main_branch(storage: Storage, pacticipant: Pacticipant) -> Version | None:
    """Return the head of the main branch, or the latest with a tag of its name (reference §5.3)."""
    branch = pacticipant.main_branch
    if branch is None:
        return None
    return storage.versions.head_of_branch(pacticipant.name, branch) or storage.versions.latest_with_tag(
        pacticipant, branch
    )
