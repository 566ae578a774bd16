"""What a transaction gives: one object for each kind of thing that is stored."""

from datetime import datetime

from sqlalchemy import Connection

from broker.storage import past_choices, past_details
from broker.storage.branches import Branches
from broker.storage.changes import Changes
from broker.storage.choices import Choices
from broker.storage.dashboard import Dashboard
from broker.storage.deletions import Deletions
from broker.storage.deliveries import Deliveries
from broker.storage.deployments import Deployments
from broker.storage.environments import Environments
from broker.storage.explanations import Explanations
from broker.storage.filtered_pacts import FilteredPacts
from broker.storage.happenings import Happenings
from broker.storage.hooks import Hooks
from broker.storage.integrations import Integrations
from broker.storage.labels import Labels
from broker.storage.matrix import Matrix
from broker.storage.metrics import MetricsStorage
from broker.storage.outbox import Outbox
from broker.storage.overview import Overview
from broker.storage.pact_history import PactHistory
from broker.storage.pact_lists import PactLists
from broker.storage.pacticipants import Pacticipants
from broker.storage.pacts import Pacts
from broker.storage.queue import Queue
from broker.storage.releases import Releases
from broker.storage.removals import Removals
from broker.storage.result_removal import ResultRemoval
from broker.storage.retention import Retention
from broker.storage.secrets import Secrets
from broker.storage.selection import Selection
from broker.storage.service_contracts import ServiceContracts
from broker.storage.successes import Successes
from broker.storage.summaries import Summaries
from broker.storage.tags import Tags
from broker.storage.verification_parts import VerificationParts
from broker.storage.verifications import Verifications
from broker.storage.versions import Versions
from broker.storage.webhooks import Webhooks


class Decisions:
    """What a decision is made of: as things are, or as they were at the moment *at*."""

    def __init__(self, connection: Connection, at: datetime | None = None) -> None:
        self.matrix = Matrix(connection, at)
        if at is None:
            self.choices = Choices(connection)
            self.explanations = Explanations(connection)
        else:
            self.choices = Choices(connection, past_choices.STATEMENTS, {"at": at})
            self.explanations = Explanations(connection, past_details.STATEMENTS, at)


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
        self.result_removal = ResultRemoval(connection)
        self.removals = Removals(connection)
        self.dashboard = Dashboard(connection)
        self.metrics = MetricsStorage(connection)
        self.deployments = Deployments(connection)
        self.releases = Releases(connection)
        self.selection = Selection(connection)
        self.verifications = Verifications(connection)
        self.verification_parts = VerificationParts(connection)
        self.successes = Successes(connection)
        self.service_contracts = ServiceContracts(connection)
        self.overview = Overview(connection)
        self.summaries = Summaries(connection)
        self.happenings = Happenings(connection)
        self.webhooks = Webhooks(connection)
        self.hooks = Hooks(connection)
        self.outbox = Outbox(connection)
        self.deliveries = Deliveries(connection)
        self.secrets = Secrets(connection)
        self.retention = Retention(connection)
        self.deletions = Deletions(connection)
        self.queue = Queue(connection)
        self.changes = Changes(connection)
        self._connection = connection

    def decisions(self, at: datetime | None = None) -> Decisions:
        """Return what decisions are made of, now or at a moment in the past."""
        return Decisions(self._connection, at)
