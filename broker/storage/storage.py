"""The Storage that a transaction yields: one object for each kind of thing that is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from broker.domain.accounts.asking import Asking
from broker.domain.audit.entry import NewEntry, Outcome
from broker.domain.errors import PermissionDeniedError
from broker.domain.trace_parent import TraceParent
from broker.storage.accounts.access import AccessLookups
from broker.storage.accounts.accounts import Accounts
from broker.storage.accounts.log_in_links import LogInLinks
from broker.storage.accounts.log_ins import LogIns
from broker.storage.accounts.roles import AccountRoles
from broker.storage.accounts.sessions import Sessions
from broker.storage.accounts.teams import Teams
from broker.storage.accounts.tokens import Tokens
from broker.storage.accounts.tries import Tries
from broker.storage.accounts.trusts import ExchangedTokens, Trusts
from broker.storage.audit.entries import AuditEntries
from broker.storage.audit.seals import AuditSeals
from broker.storage.changes import Changes
from broker.storage.dashboard.dashboard import Dashboard
from broker.storage.decisions import selected_versions_then, version_details_then
from broker.storage.decisions.axes import VersionAxes
from broker.storage.decisions.destinations import VersionDestinations
from broker.storage.decisions.explanations import Explanations
from broker.storage.decisions.matrix import Matrix
from broker.storage.decisions.names import Names
from broker.storage.decisions.selected_versions import SelectedVersions
from broker.storage.deletion_counts import DeletionCounts
from broker.storage.environments.clashes import Clashes
from broker.storage.environments.deployments import Deployments
from broker.storage.environments.environments import Environments
from broker.storage.environments.one_environment import OneEnvironment
from broker.storage.environments.placements import Placements
from broker.storage.environments.releases import Releases
from broker.storage.idempotency_keys import IdempotencyKeys
from broker.storage.insights.activity import IntegrationActivity
from broker.storage.insights.counters import Counters
from broker.storage.insights.gate_facts import GateFacts
from broker.storage.insights.gates import QualityGates
from broker.storage.insights.history import InsightHistory
from broker.storage.insights.lists import InsightLists
from broker.storage.insights.surroundings import InsightSurroundings
from broker.storage.insights.uncounted import Uncounted
from broker.storage.job_successes import JobSuccesses
from broker.storage.leases import Leases
from broker.storage.network.network import NetworkFacts
from broker.storage.overview.compared import ComparedPacts
from broker.storage.overview.counts import TotalCounts
from broker.storage.overview.front_page import FrontPageLists
from broker.storage.overview.overview_parts import OverviewParts
from broker.storage.overview.standing_renewal import StandingRenewal
from broker.storage.overview.standings import Standings
from broker.storage.overview.summaries import Summaries
from broker.storage.overview.version_page import VersionPageLists
from broker.storage.pacticipants.application_contracts import ApplicationContracts
from broker.storage.pacticipants.application_details import ApplicationDetails
from broker.storage.pacticipants.application_list import ApplicationList
from broker.storage.pacticipants.branches import Branches
from broker.storage.pacticipants.integrations import Integrations
from broker.storage.pacticipants.labels import Labels
from broker.storage.pacticipants.pacticipants import Pacticipants
from broker.storage.pacticipants.tags import Tags
from broker.storage.pacticipants.versions import Versions
from broker.storage.pacts.filtered import FilteredPacts
from broker.storage.pacts.history import PactHistory
from broker.storage.pacts.lists import PactLists
from broker.storage.pacts.moved_contents import MovedContents
from broker.storage.pacts.pact_page import PactPages
from broker.storage.pacts.pacts import Pacts
from broker.storage.pacts.parties import PublicationParties
from broker.storage.removals import Removals
from broker.storage.retention.deletions import Deletions
from broker.storage.retention.facts import RetentionFacts
from broker.storage.scenarios.results import ScenarioResults
from broker.storage.search.finding import SearchResults
from broker.storage.search.index import SearchIndex
from broker.storage.search.near import NamesAlike
from broker.storage.search.queue import SearchQueue
from broker.storage.search.sources import SearchSources
from broker.storage.service_contracts.comparison_lists import ComparisonLists
from broker.storage.service_contracts.comparisons import Comparisons
from broker.storage.service_contracts.compatibilities import Compatibilities
from broker.storage.service_contracts.compatibility_lists import CompatibilityLists
from broker.storage.service_contracts.contract_heads import ContractHeads
from broker.storage.service_contracts.offers import Offers
from broker.storage.service_contracts.pending_comparisons import PendingComparisons
from broker.storage.service_contracts.policies import ServiceContractPolicies
from broker.storage.service_contracts.result_lists import ContractResultLists
from broker.storage.service_contracts.service_contracts import ServiceContracts
from broker.storage.service_contracts.sets import DocumentSets
from broker.storage.standing_marks import StandingMarks
from broker.storage.usage.dependents import Dependents
from broker.storage.usage.usages import Usages
from broker.storage.verifications.failed_results import FailedResults
from broker.storage.verifications.history import PairHistory
from broker.storage.verifications.parts import VerificationParts
from broker.storage.verifications.results import VerificationResults
from broker.storage.verifications.selected_pacts import SelectedPacts
from broker.storage.verifications.successes import Successes
from broker.storage.webhooks.counts import WebhookCounts
from broker.storage.webhooks.credentials import Credentials
from broker.storage.webhooks.deliveries import Deliveries
from broker.storage.webhooks.event_context import EventContext
from broker.storage.webhooks.outbox import Outbox
from broker.storage.webhooks.secrets import Secrets
from broker.storage.webhooks.triggers import Triggers
from broker.storage.webhooks.webhook_lists import WebhookLists
from broker.storage.webhooks.webhooks import Webhooks

Stored = TypeVar("Stored")


class Decisions:
    """What a decision needs: as things are now, or as they were at the moment *at*."""

    def __init__(self, connection: Connection, at: datetime | None = None) -> None:
        self.matrix = Matrix(connection, at)
        if at is None:
            self.selected_versions = SelectedVersions(connection)
            self.explanations = Explanations(connection)
        else:
            self.selected_versions = SelectedVersions(connection, selected_versions_then.THEN, {"at": at})
            self.explanations = Explanations(connection, version_details_then.STATEMENTS, at)


class Lazy(Generic[Stored]):
    """An attribute of a Storage, built from its connection when it is used for the first time."""

    def __init__(self, build: Callable[[Connection], Stored]) -> None:
        self._build = build

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, storage: "Storage", owner: type) -> Stored:
        built = self._built(storage)
        # Python looks here first, as this descriptor has no `__set__`: it is not called again.
        vars(storage)[self._name] = built
        return built

    def _built(self, storage: "Storage") -> Stored:
        return self._build(storage.connection)


class Marking(Lazy[Stored]):
    """An attribute whose writes may change standings: it notes which, in the marks of the Storage."""

    def __init__(self, build: Callable[[Connection, StandingMarks], Stored]) -> None:
        self._build_with_marks = build

    def _built(self, storage: "Storage") -> Stored:
        return self._build_with_marks(storage.connection, storage.marks)


class Traced(Lazy[Stored]):
    """An attribute whose writes belong to the trace of the request that makes them."""

    def __init__(self, build: Callable[[Connection, Callable[[], TraceParent] | None], Stored]) -> None:
        self._build_with_trace = build

    def _built(self, storage: "Storage") -> Stored:
        return self._build_with_trace(storage.connection, storage.trace)


class Storage:
    """What is stored, as one transaction sees it.

    A request uses few of the objects. Building all of them took a quarter of the time of a short request.
    """

    access = Lazy(AccessLookups)
    pacticipants = Marking(Pacticipants)
    application_list = Lazy(ApplicationList)
    application_details = Lazy(ApplicationDetails)
    application_contracts = Lazy(ApplicationContracts)
    labels = Lazy(Labels)
    versions = Marking(Versions)
    branches = Marking(Branches)
    tags = Marking(Tags)
    pacts = Marking(Pacts)
    publication_parties = Lazy(PublicationParties)
    pact_lists = Lazy(PactLists)
    moved_contents = Lazy(MovedContents)
    pact_pages = Lazy(PactPages)
    environments = Lazy(Environments)
    filtered_pacts = Marking(FilteredPacts)
    pact_history = Lazy(PactHistory)
    integrations = Marking(Integrations)
    removals = Lazy(Removals)
    dashboard = Lazy(Dashboard)
    counts = Lazy(TotalCounts)
    deployments = Marking(Deployments)
    releases = Marking(Releases)
    placements = Lazy(Placements)
    clashes = Lazy(Clashes)
    one_environment = Lazy(OneEnvironment)
    selected_pacts = Lazy(SelectedPacts)
    verification_results = Marking(VerificationResults)
    verification_parts = Lazy(VerificationParts)
    failed_results = Lazy(FailedResults)
    pair_history = Lazy(PairHistory)
    successes = Lazy(Successes)
    service_contracts = Marking(ServiceContracts)
    document_sets = Marking(DocumentSets)
    comparisons = Marking(Comparisons)
    compatibilities = Lazy(Compatibilities)
    comparison_lists = Lazy(ComparisonLists)
    contract_result_lists = Lazy(ContractResultLists)
    contract_heads = Lazy(ContractHeads)
    compatibility_lists = Lazy(CompatibilityLists)
    pending_comparisons = Lazy(PendingComparisons)
    offers = Lazy(Offers)
    service_contract_policies = Marking(ServiceContractPolicies)
    scenario_results = Lazy(ScenarioResults)
    decision_names = Lazy(Names)
    version_axes = Lazy(VersionAxes)
    version_destinations = Lazy(VersionDestinations)
    usages = Lazy(Usages)
    dependents = Lazy(Dependents)
    front_page = Lazy(FrontPageLists)
    standings = Lazy(Standings)
    overview_parts = Lazy(OverviewParts)
    summaries = Lazy(Summaries)
    version_page = Lazy(VersionPageLists)
    compared_pacts = Lazy(ComparedPacts)
    network = Lazy(NetworkFacts)
    event_context = Lazy(EventContext)
    webhooks = Lazy(Webhooks)
    webhook_lists = Lazy(WebhookLists)
    triggers = Lazy(Triggers)
    outbox = Traced(Outbox)
    deliveries = Lazy(Deliveries)
    credentials = Lazy(Credentials)
    secrets = Lazy(Secrets)
    retention_facts = Lazy(RetentionFacts)
    deletions = Marking(Deletions)
    deletion_counts = Lazy(DeletionCounts)
    webhook_counts = Lazy(WebhookCounts)
    changes = Lazy(Changes)
    idempotency_keys = Lazy(IdempotencyKeys)
    leases = Lazy(Leases)
    job_successes = Lazy(JobSuccesses)
    tries = Lazy(Tries)
    trusts = Lazy(Trusts)
    exchanged_tokens = Lazy(ExchangedTokens)
    log_ins = Lazy(LogIns)
    log_in_links = Lazy(LogInLinks)
    sessions = Lazy(Sessions)
    search_queue = Lazy(SearchQueue)
    search_sources = Lazy(SearchSources)
    search_index = Lazy(SearchIndex)
    search_results = Lazy(SearchResults)
    names_alike = Lazy(NamesAlike)
    uncounted = Lazy(Uncounted)
    counters = Lazy(Counters)
    quality_gates = Lazy(QualityGates)
    gate_facts = Lazy(GateFacts)
    insight_history = Lazy(InsightHistory)
    insight_lists = Lazy(InsightLists)
    insight_surroundings = Lazy(InsightSurroundings)
    integration_activity = Lazy(IntegrationActivity)
    audit_entries = Lazy(AuditEntries)
    audit_seals = Lazy(AuditSeals)
    accounts = Lazy(Accounts)
    account_roles = Lazy(AccountRoles)
    teams = Lazy(Teams)
    tokens = Lazy(Tokens)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.marks = StandingMarks()
        self.asking = Asking()
        self.entry: NewEntry | None = None
        self.trace: Callable[[], TraceParent] | None = None

    def note(
        self, kind: str, name: str, *, team: str | None = None, before: Any = None, after: Any = None
    ) -> None:
        """Tell the audit entry what this transaction changes; without it, that is what the path names.

        *before* and *after* are values of JSON. Secrets in them are starred, and they may be cut.
        """
        if self.entry is not None:
            said = {"subject_kind": kind, "subject_name": name, "before": before, "after": after}
            self.entry = replace(self.entry, **said, team=team or self.entry.team)

    def note_action(self, action: str) -> None:
        """Tell the audit entry which action this is, where it depends on what was sent."""
        if self.entry is not None:
            self.entry = replace(self.entry, action=action)

    def note_outcome(self, outcome: Outcome, *, after: Any = None) -> None:
        """Tell the audit entry that this was done in an unusual way, and *after* it, what says why."""
        if self.entry is not None:
            self.entry = replace(self.entry, outcome=outcome, after=after)

    def finish(self) -> None:
        """Do what follows from the changes of this transaction: the last thing before it is committed."""
        asking = self.asking
        if asking.new_owners and asking.at is not None:
            self._own_new_pacticipants(asking.new_owners, asking.at, is_enforced=asking.is_enforced)
        if asking.access_changed_at is not None:
            self.access.note_change()
        if self.entry is not None:
            self.audit_entries.add(_of_pacticipants(self.entry, asking.names), asking.names)
        if self.marks:
            # Last of all: it takes a lock that others wait for.
            StandingRenewal(self.connection).renew(self.marks)

    def _own_new_pacticipants(self, teams: Mapping[str, int], now: datetime, *, is_enforced: bool) -> None:
        """Give what was created to the team of its creator. Raises PermissionDeniedError.

        Somebody else may have created it meanwhile, for another team: then it is not ours. It is stored
        nevertheless, and stays theirs, while permissions are only reported.
        """
        owners = self.access.owners(teams)
        for name, team_id in sorted(teams.items()):
            already = owners.get(name, frozenset())
            if already - {team_id} and is_enforced:
                raise PermissionDeniedError(f"Another team has created {name} meanwhile. Nothing was stored.")
            if not already:
                self.access.own(name, team_id, now)

    def decisions(self, at: datetime | None = None) -> Decisions:
        """Return what decisions need, now or at a moment in the past."""
        return Decisions(self.connection, at)


def _of_pacticipants(entry: NewEntry, names: Sequence[str]) -> NewEntry:
    """Return the entry, about what was asked for where neither the path nor a service names its subject."""
    if entry.subject_name or not names:
        return entry
    return replace(entry, subject_kind="pacticipants", subject_name=" / ".join(names))
