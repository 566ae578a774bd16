"""Can I deploy? Look up what a question is about, and decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import Enum

from broker.domain.decisions import can_i_deploy, deploy_plan, selectors
from broker.domain.decisions.can_i_deploy import Decision, Question, Situation
from broker.domain.decisions.contract_rows import with_contracts
from broker.domain.decisions.deploy_plan import Move
from broker.domain.decisions.evidence import Doubt
from broker.domain.decisions.matrix import RowVersion
from broker.domain.decisions.obstacles import Obstacle, obstacles, rows_of_obstacles
from broker.domain.decisions.reasons import VersionMissing
from broker.domain.decisions.selectors import Choice, Selector, Target
from broker.domain.errors import MatrixSelectorError, NotFoundError
from broker.domain.model import Environment
from broker.domain.names import did_you_mean
from broker.domain.removal import Removal
from broker.services.pacticipants import pacticipants
from broker.storage.decisions.explanations import Explanation
from broker.storage.decisions.selected_versions import Subject
from broker.storage.storage import Decisions, Storage
from tally.values import dataclass


class Explaining(Enum):
    """What is looked up to explain a decision."""

    FULLY = "fully"
    VERSIONS = "versions"
    """Not the obstacles."""
    WHAT_THERE_IS = "what there is"
    """Nothing when a version that was asked about does not exist."""


@dataclass(frozen=True)
class ExplainedDecision:
    """A decision with the details that its representation needs: versions and environments by id, obstacles.

    *at* is the moment in the past that was asked about, if any; *removals* is what has been deleted since.
    *depends_on* has the ids of the pacticipants whose changes may change the decision. *to_compare* has the
    ids of consumer versions and of provider versions whose pacts and documents were not compared yet.
    """

    decision: Decision
    details: Mapping[int, RowVersion] = field(default_factory=dict)
    environments: Mapping[int, Environment] = field(default_factory=dict)
    obstacles: tuple[Obstacle, ...] = ()
    at: datetime | None = None
    removals: tuple[Removal, ...] = ()
    depends_on: frozenset[int] = frozenset()
    to_compare: frozenset[tuple[int, int]] = frozenset()

    @property
    def may_change(self) -> bool:
        """Whether results are missing that may still arrive. A decision about the past never changes."""
        return self.at is None and self.decision.deployable is None


def decide(
    storage: Storage,
    question: Question,
    *,
    every_version_counts: bool,
    explaining: Explaining = Explaining.FULLY,
) -> ExplainedDecision:
    """Answer the question in two statements, when its selectors are of one kind; a no takes one more.

    One more looks up what was deleted since the moment in the past that is asked about.
    Raises MatrixSelectorError for a selector that makes no sense, an unknown pacticipant or environment.
    """
    _check_words(question)
    known = storage.decisions(question.at)
    subject = _subject(storage, known, question, question.target)
    ignored = known.selected_versions.find(question.ignored)
    situation, details = _situation(known, question, subject, ignored)
    decision = can_i_deploy.can_i_deploy(question, situation, every_version_counts=every_version_counts)
    told = _explanation(known, decision, explaining, details)
    return ExplainedDecision(
        decision,
        told.details,
        {environment.id: environment for environment in subject.environments},
        ()
        if explaining is Explaining.VERSIONS
        else obstacles(decision, told.failures, told.deliveries, told.keeping, teams=told.teams),
        question.at,
        _removals(storage, question, situation),
        frozenset(choice.pacticipant_id for choice in situation.choices),
        _not_compared(decision) if question.at is None else frozenset(),
    )


def misses_comparisons(storage: Storage, found: ExplainedDecision) -> bool:
    """Return whether a decision misses comparisons that nobody has asked for yet."""
    return bool(found.to_compare) and storage.pending_comparisons.any_new_between(*_to_compare(found))


def ask_for_comparisons(storage: Storage, found: ExplainedDecision, base_url: str) -> None:
    """Note the comparisons that a decision misses, so that they are made soon.

    A publication asks for those that are likely to matter; a question may be about older versions.
    """
    storage.pending_comparisons.add_between(*_to_compare(found), base_url)


def plan_deployment(
    storage: Storage, moves: Sequence[Move], environment: str, at: datetime | None = None
) -> deploy_plan.DeployPlan:
    """Find an order in which the versions can go to the environment, or could have at the moment *at*.

    Raises MatrixSelectorError.
    """
    known = storage.decisions(at)
    question = Question(
        tuple(Selector(move.pacticipant, version=move.version) for move in moves),
        Target(environment=environment),
    )
    _check_words(question)
    subject = _subject(storage, known, question, Target())
    missing = [choice.selector for choice in subject.specified if choice.is_missing]
    if missing:
        raise MatrixSelectorError([f"{item.pacticipant} has no version {item.version}" for item in missing])
    integrations = can_i_deploy.relevant(subject.integrations, question)
    names = {name for pair in integrations for name in (pair.consumer, pair.provider)}
    there = known.selected_versions.infer(question.target, names | {move.pacticipant for move in moves})
    choices = [*subject.specified, *there]
    rows = with_contracts(*known.matrix.find(choices), choices)
    held = {
        choice.selector.pacticipant: frozenset(version.number for version in choice.versions)
        for choice in there
    }
    return deploy_plan.plan(moves, held, deploy_plan.Knowledge(rows))


def check_head_and_environment(storage: Storage, pacticipant: str, branch: str, environment: str) -> None:
    """Raise NotFoundError unless the branch has a version, and the environment exists."""
    pacticipants.find(storage, pacticipant)
    (head,) = storage.decisions().selected_versions.find([Selector(pacticipant, branch=branch, latest=True)])
    if head.is_missing:
        raise NotFoundError(f"No version of {pacticipant} is on the branch '{branch}'")
    names = [found.name for found in storage.environments.all()]
    if environment not in names:
        raise NotFoundError(f"Environment '{environment}' does not exist{did_you_mean(environment, names)}")


def _explanation(
    known: Decisions, decision: Decision, explaining: Explaining, details: Mapping[int, RowVersion] | None
) -> Explanation:
    """Return the details and what explains the obstacles; *details* are those that are known already."""
    is_missing = any(isinstance(reason, VersionMissing) for reason in decision.reasons)
    if is_missing and explaining is Explaining.WHAT_THERE_IS:
        return Explanation({})
    in_the_way = [] if explaining is Explaining.VERSIONS else rows_of_obstacles(decision)
    if details is None:
        return known.explanations.find(_version_ids(decision), in_the_way)
    if not in_the_way:
        return Explanation(details)
    return replace(known.explanations.find((), in_the_way), details=details)


def _subject(storage: Storage, known: Decisions, question: Question, target: Target) -> Subject:
    subject = known.selected_versions.subject(question.selectors, target)
    _check_environments(question, subject.environments)
    _check_known(storage, subject.specified)
    return subject


def _situation(
    known: Decisions, question: Question, subject: Subject, ignored: Sequence[Choice]
) -> tuple[Situation, Mapping[int, RowVersion] | None]:
    integrations = can_i_deploy.relevant(subject.integrations, question)
    choices = [*subject.specified, *subject.there]
    rows, contracts, details = known.matrix.find_detailed(
        choices,
        {(pair.consumer, pair.provider) for pair in integrations},
        limit=question.limit,
        with_history=question.latest_by is None,
    )
    return Situation(tuple(choices), integrations, tuple(rows), tuple(ignored), contracts), details


def _removals(storage: Storage, question: Question, situation: Situation) -> tuple[Removal, ...]:
    if question.at is None:
        return ()
    names = {choice.selector.pacticipant for choice in situation.choices}
    names |= {name for pair in situation.integrations for name in (pair.consumer, pair.provider)}
    if question.target.environment is not None:
        names.add(question.target.environment)
    return tuple(storage.removals.since(question.at, names))


def _check_words(question: Question) -> None:
    if not question.selectors:
        raise MatrixSelectorError(["Name at least one pacticipant: q[][pacticipant]=NAME"])
    named = (*question.selectors, *question.ignored)
    errors = [message for selector in named for message in selectors.broken_rules(selector)]
    errors += selectors.broken_target_rules(question.target)
    if errors:
        raise MatrixSelectorError(errors)


def _check_environments(question: Question, environments: Iterable[Environment]) -> None:
    names = [environment.name for environment in environments]
    asked = [selector.environment for selector in question.selectors] + [question.target.environment]
    unknown = dict.fromkeys(name for name in asked if name is not None and name not in names)
    if unknown:
        raise MatrixSelectorError(
            [f"Environment '{name}' does not exist{did_you_mean(name, names)}" for name in unknown],
            "environment",
        )


def _check_known(storage: Storage, specified: Sequence[Choice]) -> None:
    unknown = dict.fromkeys(choice.selector.pacticipant for choice in specified if not choice.known)
    if unknown:
        names = storage.pacticipants.names()
        raise MatrixSelectorError(
            [f"Pacticipant '{name}' does not exist{did_you_mean(name, names)}" for name in unknown],
            "pacticipant",
        )


def _not_compared(decision: Decision) -> frozenset[tuple[int, int]]:
    rows = (*decision.considered, *decision.ignored)
    return frozenset(
        (row.consumer_version.id, found.version.id)
        for row in rows
        if row.contract is not None
        for found in row.contract.undecided
        if found.doubt is Doubt.NOT_COMPARED
    )


def _to_compare(found: ExplainedDecision) -> tuple[list[int], list[int]]:
    """Return the ids of the versions of consumers, and those of providers."""
    consumers = {consumer for consumer, _ in found.to_compare}
    providers = {provider for _, provider in found.to_compare}
    return sorted(consumers), sorted(providers)


def _version_ids(decision: Decision) -> set[int]:
    rows = (*decision.considered, *decision.ignored)
    versions = [version for row in rows for version in (row.consumer_version, row.provider_version)]
    return {version.id for version in versions if version is not None}
