"""What a transaction gives: one object for each kind of thing that is stored."""

from datetime import datetime

from sqlalchemy import Connection

from broker.storage.changes import Changes
from broker.storage.decisions import selected_versions_then, version_details_then
from broker.storage.decisions.explanations import Explanations
from broker.storage.decisions.matrix import Matrix
from broker.storage.decisions.selected_versions import SelectedVersions
from broker.storage.environments.deployments import Deployments
from broker.storage.environments.environments import Environments
from broker.storage.environments.releases import Releases
from broker.storage.overview.counts import TotalCounts
from broker.storage.overview.dashboard import Dashboard
from broker.storage.overview.front_page import FrontPage
from broker.storage.overview.summaries import Summaries
from broker.storage.pacticipants.branches import Branches
from broker.storage.pacticipants.integrations import Integrations
from broker.storage.pacticipants.labels import Labels
from broker.storage.pacticipants.pacticipants import Pacticipants
from broker.storage.pacticipants.tags import Tags
from broker.storage.pacticipants.versions import Versions
from broker.storage.pacts.filtered import FilteredPacts
from broker.storage.pacts.history import PactHistory
from broker.storage.pacts.lists import PactLists
from broker.storage.pacts.pacts import Pacts
from broker.storage.removals import Removals
from broker.storage.retention.deletions import Deletions
from broker.storage.retention.facts import RetentionFacts
from broker.storage.service_contracts.service_contracts import ServiceContracts
from broker.storage.verifications.parts import VerificationParts
from broker.storage.verifications.results import VerificationResults
from broker.storage.verifications.selected_pacts import SelectedPacts
from broker.storage.verifications.successes import Successes
from broker.storage.webhooks.deliveries import Deliveries
from broker.storage.webhooks.event_context import Happenings
from broker.storage.webhooks.outbox import Outbox
from broker.storage.webhooks.queue import Queue
from broker.storage.webhooks.secrets import Secrets
from broker.storage.webhooks.triggers import Hooks
from broker.storage.webhooks.webhooks import Webhooks


class Decisions:
    """What a decision is made of: as things are, or as they were at the moment *at*."""

    def __init__(self, connection: Connection, at: datetime | None = None) -> None:
        self.matrix = Matrix(connection, at)
        if at is None:
            self.selected_versions = SelectedVersions(connection)
            self.explanations = Explanations(connection)
        else:
            self.selected_versions = SelectedVersions(
                connection, selected_versions_then.STATEMENTS, {"at": at}
            )
            self.explanations = Explanations(connection, version_details_then.STATEMENTS, at)


class Storage:
    """The stored things, as seen from inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.pacticipants = Pacticipants(connection)
        self.labels = Labels(connection)
        self.versions = Versions(connection)
        self.branches = Branches(connection)
        self.tags = Tags(connection)
        self.pacts = Pacts(connection)
        self.pact_lists = PactLists(connection)
        self.environments = Environments(connection)
        self.filtered_pacts = FilteredPacts(connection)
        self.pact_history = PactHistory(connection)
        self.integrations = Integrations(connection)
        self.removals = Removals(connection)
        self.dashboard = Dashboard(connection)
        self.counts = TotalCounts(connection)
        self.deployments = Deployments(connection)
        self.releases = Releases(connection)
        self.selected_pacts = SelectedPacts(connection)
        self.verification_results = VerificationResults(connection)
        self.verification_parts = VerificationParts(connection)
        self.successes = Successes(connection)
        self.service_contracts = ServiceContracts(connection)
        self.front_page = FrontPage(connection)
        self.summaries = Summaries(connection)
        self.happenings = Happenings(connection)
        self.webhooks = Webhooks(connection)
        self.hooks = Hooks(connection)
        self.outbox = Outbox(connection)
        self.deliveries = Deliveries(connection)
        self.secrets = Secrets(connection)
        self.retention_facts = RetentionFacts(connection)
        self.deletions = Deletions(connection)
        self.queue = Queue(connection)
        self.changes = Changes(connection)
        self._connection = connection

    def decisions(self, at: datetime | None = None) -> Decisions:
        """Return what decisions are made of, now or at a moment in the past."""
        return Decisions(self._connection, at)
