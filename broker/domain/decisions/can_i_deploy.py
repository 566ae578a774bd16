"""Can I deploy? One pure function over what the storage found (Pact Broker reference §8)."""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime

from broker.domain.decisions import contract_reasons, matrix, reasons
from broker.domain.decisions.contract_facts import NONE, ContractFacts
from broker.domain.decisions.contract_rows import explained, undecided, with_contracts, without_needless_doubt
from broker.domain.decisions.dependencies import lacking_options
from broker.domain.decisions.evidence import Doubt, Kind
from broker.domain.decisions.matrix import LatestBy, Row, Verdict
from broker.domain.decisions.reasons import Reason
from broker.domain.decisions.selectors import Choice, Selector, Target, VersionRef, describe_all
from tally.values import dataclass


@dataclass(frozen=True)
class Integration:
    """A consumer and a provider that have a pact; *required* when the version needs the provider.

    With *declared*, it is not a pact that says so, but a service contract of the consumer.
    """

    consumer: str
    provider: str
    required: bool = True
    declared: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked. *verdicts* are those of the rows to keep; none keeps all.

    *limit* is for the rows that are read, so it is only for questions that list results: `decides`. *at* is
    the moment in the past that is asked about; None is now.
    """

    selectors: tuple[Selector, ...]
    target: Target = field(default_factory=Target)
    ignored: tuple[Selector, ...] = ()
    latest_by: LatestBy | None = None
    verdicts: frozenset[Verdict] = frozenset()
    limit: int | None = None
    at: datetime | None = None

    @property
    def decides(self) -> bool:
        """Whether somebody acts on a yes: about a destination, or about versions that are all named.

        Any row that is left out may be the one that fails.
        """
        is_about_versions = self.latest_by is not None and not any(each.is_open for each in self.selectors)
        return self.target.is_given or is_about_versions


@dataclass(frozen=True)
class Situation:
    """What is known: the selected versions, the integrations between them, and the results."""

    choices: tuple[Choice, ...]
    integrations: tuple[Integration, ...] = ()
    rows: tuple[Row, ...] = ()
    ignored: tuple[Choice, ...] = ()
    contracts: ContractFacts = NONE


@dataclass(frozen=True)
class Decision:
    """The answer. *deployable* is None while results are missing; *ignored* are rows that do not count."""

    deployable: bool | None
    considered: tuple[Row, ...]
    ignored: tuple[Row, ...]
    success: int
    failed: int
    unknown: int
    reasons: tuple[Reason, ...]


def relevant(integrations: Sequence[Integration], question: Question) -> tuple[Integration, ...]:
    """Return the integrations that matter to the question, each once (reference §8.3).

    When several versions are compared with each other, only the integrations between them matter.
    """
    named = {selector.pacticipant for selector in question.selectors}
    among_themselves = len(question.selectors) > 1 and not question.target.is_given
    required: dict[tuple[str, str, bool], bool] = {}
    for integration in integrations:
        pair = (integration.consumer, integration.provider)
        key = (*pair, integration.declared)
        if not among_themselves or (integration.required and named.issuperset(pair)):
            required[key] = required.get(key, False) or integration.required
    return tuple(
        Integration(consumer, provider, required=needed, declared=declared)
        for (consumer, provider, declared), needed in sorted(required.items())
    )


def can_i_deploy(question: Question, situation: Situation, *, every_version_counts: bool) -> Decision:
    """Return whether the selected versions may be deployed, and why.

    With *every_version_counts*, each version in an environment needs a result; for the Pact Broker it is
    enough that one of them has one (reference §8.8).
    """
    if situation.contracts is not NONE:
        rows = with_contracts(situation.rows, situation.contracts, situation.choices, question.limit)
        situation = replace(situation, rows=rows)
    relevant_rows, aside = _split(
        _rows(question, situation, every_version_counts=every_version_counts), situation.ignored
    )
    considered = _shown(relevant_rows, question)
    lacking = _without_rows(situation, [*considered, *aside])  # A row that is ignored is not missed.
    unknown = sum(row.verdict is Verdict.UNKNOWN for row in considered) + len(lacking)
    missing = [
        choice
        for choice in situation.choices
        if choice.specified and choice.is_missing and not _is_ignored(choice, situation.ignored)
    ]
    failed = sum(row.verdict is Verdict.FAILED for row in considered)
    hidden = [row for row in relevant_rows if _hides_a_failure(row, considered)]
    unknown += len(hidden)
    errors = [reasons.VersionMissing(choice) for choice in missing] or _errors(
        situation, [*considered, *hidden], lacking
    )
    return Decision(
        deployable=False if missing else None if unknown else not failed,
        considered=tuple(considered),
        ignored=tuple(_shown(aside, question)),
        success=sum(row.verdict is Verdict.SUCCESS for row in considered),
        failed=failed,
        unknown=unknown,
        reasons=tuple(
            dict.fromkeys(
                [
                    *_warnings(question, situation),
                    *_promises(situation, considered),
                    *(errors or _success(question, situation, considered)),
                ]
            )
        ),
    )


def _rows(question: Question, situation: Situation, *, every_version_counts: bool) -> list[Row]:
    """Return the rows that count, in order."""
    if every_version_counts:
        rows = _rows_of_every_version(question, situation)
    else:
        rows = matrix.deduplicate(without_needless_doubt(situation.rows), question.latest_by)
    versions = undecided(situation.contracts)
    return [explained(row, versions) for row in rows] if versions else rows


def _rows_of_every_version(question: Question, situation: Situation) -> list[Row]:
    latest_by = question.latest_by
    if latest_by is LatestBy.CVP and question.target.environment is not None:
        # One row for each consumer version would hide the result of an older version that is there as well.
        latest_by = LatestBy.CVPV
    rows = matrix.deduplicate(situation.rows, latest_by)
    lacking = matrix.unverified_in_environment(rows, situation.rows, situation.choices)
    return matrix.in_order([*rows, *lacking]) if lacking else rows


def _shown(rows: Sequence[Row], question: Question) -> list[Row]:
    return [row for row in rows if not question.verdicts or row.verdict in question.verdicts]


def _split(rows: Sequence[Row], ignored: Sequence[Choice]) -> tuple[list[Row], list[Row]]:
    considered: list[Row] = []
    aside: list[Row] = []
    for row in rows:
        is_aside = any(
            choice.covers(row.consumer, row.consumer_version)
            or choice.covers(row.provider, row.provider_version)
            for choice in ignored
        )
        (aside if is_aside else considered).append(row)
    return considered, aside


def _hides_a_failure(row: Row, shown: Sequence[Row]) -> bool:
    """Return whether the question hides that a version does not keep its own document.

    A pact that it hides is missed as one without any row.
    """
    is_failure = row.kind is Kind.SERVICE_CONTRACT and row.verdict is Verdict.FAILED
    return is_failure and row not in shown


def _without_rows(situation: Situation, rows: Sequence[Row]) -> list[Integration]:
    pairs = {(row.consumer, row.provider, row.kind is Kind.DEPENDENCY) for row in rows}
    by_name = {choice.selector.pacticipant for choice in situation.ignored if choice.selector.is_open}
    return [
        integration
        for integration in situation.integrations
        if integration.required
        and (integration.consumer, integration.provider, integration.declared) not in pairs
        and not by_name & {integration.consumer, integration.provider}
    ]


def _is_ignored(choice: Choice, ignored: Sequence[Choice]) -> bool:
    return any(
        choice.selector == other.selector
        or (other.selector.is_open and other.selector.pacticipant == choice.selector.pacticipant)
        for other in ignored
    )


def _warnings(question: Question, situation: Situation) -> list[Reason]:
    specified = [choice for choice in situation.choices if choice.specified]
    entries = sum(max(1, len(choice.versions)) for choice in specified)
    target = question.target
    has_place = bool(target.environment or target.tag or target.branch or target.main_branch)
    selective = [selector for selector in question.selectors if not selector.is_open]
    has_number = any(selector.version is not None for selector in selective)
    unknown = [choice for choice in situation.ignored if choice.is_missing]
    return [
        *(reasons.IgnoredDoesNotExist(choice) for choice in unknown),
        *([reasons.NoEnvironment()] if entries == 1 and not has_place else []),
        *([reasons.NoVersionNumber()] if selective and not has_number else []),
    ]


def _promises(situation: Situation, rows: Sequence[Row]) -> list[Reason]:
    found: list[Reason] = [
        contract_reasons.OnlyPromised(*_in_words(situation.choices, row), row.contract.evidence.unverified)
        for row in rows
        if row.contract is not None
        and row.contract.evidence is not None
        and row.contract.doubt is Doubt.PROMISED
        and row.verdict is Verdict.SUCCESS
    ]
    found += [
        contract_reasons.OptionLacking(
            describe_all(situation.choices, declared.consumer, declared.consumer_version), problem
        )
        for declared, problem in lacking_options(situation.contracts, situation.choices)
    ]
    return found


def _errors(situation: Situation, rows: Sequence[Row], lacking: Sequence[Integration]) -> list[Reason]:
    choices = situation.choices
    found: list[Reason] = [
        (contract_reasons.NeedNotShown if pair.declared else reasons.ProviderMissing)(
            describe_all(choices, pair.consumer, None), describe_all(choices, pair.provider, None)
        )
        for pair in lacking
    ]
    found += [_failed(choices, row) for row in rows if row.verdict is Verdict.FAILED]
    found += [_never_verified(choices, row) for row in rows if row.verdict is Verdict.UNKNOWN]
    return found


def _failed(choices: Sequence[Choice], row: Row) -> Reason:
    kind = reasons.Failed
    if row.contract is not None:
        kept = row.contract.doubt is not Doubt.NOT_KEPT
        kind = {
            Kind.REPLAYED: reasons.Failed,
            Kind.COMPARED: contract_reasons.DoesNotFit if kept else contract_reasons.DoesNotKeep,
            Kind.SERVICE_CONTRACT: contract_reasons.DocumentFailed,
            Kind.DEPENDENCY: contract_reasons.DependencyFailed,
        }[row.contract.kind]
    return kind(*_in_words(choices, row), row)


def _never_verified(choices: Sequence[Choice], row: Row) -> Reason:
    if row.kind is Kind.DEPENDENCY:
        return contract_reasons.DependencyUnknown(*_in_words(choices, row), row)
    if row.contract is not None and row.contract.undecided:
        found = row.contract.undecided
        return contract_reasons.NotDecided(
            *_in_words(choices, row),
            row,
            candidates=tuple(item.version.number for item in found),
            found=found,
        )
    if row.provider_version is not None:
        return reasons.UnverifiedInEnvironment(*_in_words(choices, row), row, (row.provider_version.number,))
    of_provider = [choice for choice in choices if choice.selector.pacticipant == row.provider]
    return reasons.NeverVerified(
        *_in_words(choices, row),
        row,
        candidates=tuple(version.number for choice in of_provider for version in _newest_first(choice)),
        environment=next((choice.selector.environment for choice in of_provider), None),
    )


def _newest_first(choice: Choice) -> list[VersionRef]:
    return sorted(choice.versions, key=lambda version: -version.position)


def _in_words(choices: Sequence[Choice], row: Row) -> tuple[str, str]:
    return (
        describe_all(choices, row.consumer, row.consumer_version),
        describe_all(choices, row.provider, row.provider_version),
    )


def _success(question: Question, situation: Situation, rows: Sequence[Row]) -> list[Reason]:
    """Return why nothing is missing; with a misspelt name of a target, there was nothing to miss."""
    if rows:
        return [reasons.AllVerified()]
    inferred = [choice for choice in situation.choices if not choice.specified]
    is_named = question.target.tag is not None or question.target.branch is not None
    has_none = is_named and inferred and all(choice.is_missing for choice in inferred)
    return [*([reasons.NothingAtTarget(question.target)] if has_none else []), reasons.NoDependencies()]
