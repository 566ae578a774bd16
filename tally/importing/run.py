"""The import as a whole: what is copied in which order."""

from pathlib import Path

from tally.importing.brokers import BrokerReader, TargetBroker
from tally.importing.deployments import DeploymentCopier, PacticipantInEnvironment
from tally.importing.environments import copy_environments
from tally.importing.gates import copy_gates
from tally.importing.journal import Journal
from tally.importing.pacticipants import copy_pacticipants
from tally.importing.pacts import PactCopier, pairs
from tally.importing.progress import Progress
from tally.importing.results import ResultCopier
from tally.importing.scenarios import copy_scenarios
from tally.importing.service_contracts import copy_service_contracts
from tally.importing.teams import copy_teams
from tally.importing.versions import VersionCopier
from tally.importing.webhooks import copy_webhooks
from tally.values import dataclass


@dataclass(frozen=True)
class Import:
    """Both sides; *at_once* is how many requests the source is sent, *notes* where they are kept."""

    source: BrokerReader
    target: TargetBroker
    journal: Journal
    progress: Progress
    notes: Path
    at_once: int

    def run(self) -> None:
        """Copy everything that the target lacks.

        All versions come before the first pact and the first result, which would create their versions in
        another order. Webhooks come last, so that none of them exists meanwhile. Raises BrokerError.
        """
        self.progress.part("Pacticipants")
        names = []
        for name in copy_pacticipants(self.source, self.target, self.journal):
            names.append(name)
            self.progress.advance()
        self._copy_versions(names)
        self._copy_contracts()
        if self.source.is_tallystick:
            self._copy_service_contracts(names)
            self._copy_teams()
        self._copy_places(names)
        if self.source.is_tallystick:
            self._copy_what_uses_versions(names)
        self.progress.part("Webhooks")
        copy_webhooks(self.source, self.target, self.journal)

    def _copy_versions(self, names: list[str]) -> None:
        total = sum(self.source.total("versions", "versions", pacticipant=name) for name in names)
        self.progress.part("Versions", total)
        copier = VersionCopier(self.source, self.target, self.journal, self.progress)
        for name in names:
            self.progress.about(name)
            copier.copy(name)

    def _copy_contracts(self) -> None:
        self.progress.part("Pacts and results")
        sides = (self.source, self.target, self.journal)
        pacts = PactCopier(*sides, progress=self.progress, notes=self.notes, at_once=self.at_once)
        results = ResultCopier(*sides, progress=self.progress, at_once=self.at_once)
        for pair in pairs(self.source):
            self.progress.about(str(pair))
            for content in pacts.copy(pair):
                results.copy(pair, content)

    def _copy_service_contracts(self, names: list[str]) -> None:
        self.progress.part("Service contracts", len(names))
        for name in names:
            self.progress.about(name)
            copy_service_contracts(self.source, self.target, self.journal, name)
            self.progress.advance()

    def _copy_teams(self) -> None:
        self.progress.part("Teams and service accounts")
        if self.target.keeps_nothing:
            self.journal.remark(
                "Teams, service accounts, scenarios and gates are counted: the target does not judge them"
            )
        with self.journal.if_permitted("Teams and service accounts are not copied"):
            copy_teams(self.source, self.target, self.journal)

    def _copy_what_uses_versions(self, names: list[str]) -> None:
        self.progress.part("Scenarios and gates")
        with self.journal.if_permitted("Scenarios are not copied"):
            copy_scenarios(self.source, self.target, self.journal, names)
        with self.journal.if_permitted("Quality gates are not copied"):
            copy_gates(self.source, self.target, self.journal)

    def _copy_places(self, names: list[str]) -> None:
        environments = copy_environments(self.source, self.target, self.journal)
        self.progress.part("Deployments and releases", len(names) * len(environments))
        copier = DeploymentCopier(self.source, self.target, self.journal)
        for environment in environments:
            for name in names:
                place = PacticipantInEnvironment(name, environment)
                self.progress.about(str(place))
                copier.copy(place)
                self.progress.advance()
