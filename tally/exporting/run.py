"""The export as a whole: what is written in which order."""

from contextlib import AbstractContextManager

from tally.exporting import service_contracts, surroundings
from tally.exporting.applications import write_pacticipant, write_places, write_versions
from tally.exporting.contracts import ContractExporter
from tally.exporting.folder import Folder
from tally.importing.brokers import BrokerReader
from tally.importing.environments import SharedEnvironment, environments
from tally.importing.journal import Journal
from tally.importing.pacts import pairs
from tally.importing.progress import Progress
from tally.values import dataclass


@dataclass(frozen=True)
class Export:
    """A broker that is read, and the folder; *at_once* is how many requests the broker is sent."""

    source: BrokerReader
    folder: Folder
    journal: Journal
    progress: Progress
    at_once: int

    def run(self) -> None:
        """Write everything.

        What refers to something is read before it: results before versions, versions before applications.
        So what is published meanwhile may be there in part, but nothing refers to what is missing. Raises
        BrokerError, OSError.
        """
        self._write_contracts()
        self._write_applications()
        self.progress.part("Environments, webhooks and decisions")
        surroundings.write_environments(self.source, self.folder, self.journal)
        with self._permitted("Webhooks"):
            surroundings.write_webhooks(self.source, self.folder, self.journal)
        if self.source.is_tallystick:
            self._write_what_only_a_tallystick_has()
        with self._permitted("Decisions"):
            surroundings.write_decisions(self.source, self.folder, self.progress.advance)
        self.journal.copied["scenario results"] = self.folder.count("scenario-results")
        counts = {kind: count for kind, count in self.journal.copied.items() if count}
        self.folder.finish(counts, self.journal.problems)

    def _write_what_only_a_tallystick_has(self) -> None:
        with self._permitted("Quality gates"):
            surroundings.write_gates(self.source, self.folder, self.journal)
        if self.source.has_accounts:
            with self._permitted("Teams and accounts"):
                surroundings.write_accounts(self.source, self.folder, self.journal)
            surroundings.write_audit_log(self.source, self.folder, self.journal)

    def _permitted(self, what: str) -> AbstractContextManager[None]:
        return self.journal.if_permitted(f"{what}: the broker does not show them all")

    def _write_contracts(self) -> None:
        self.progress.part("Pacts and results")
        exporter = ContractExporter(
            self.source, self.folder, self.journal, progress=self.progress, at_once=self.at_once
        )
        found = sorted(pairs(self.source), key=lambda pair: (pair.consumer, pair.provider))
        for pair in found:
            self.progress.about(str(pair))
            exporter.write(pair)
        integrations = [{"consumer": pair.consumer, "provider": pair.provider} for pair in found]
        self.folder.write("integrations.json", integrations)

    def _write_applications(self) -> None:
        everywhere = [
            SharedEnvironment(item["name"], item["uuid"], item["uuid"])
            for item in sorted(environments(self.source) or (), key=lambda item: str(item["name"]))
        ]
        with_contracts = self.source.is_tallystick
        self.progress.part("Applications", self.source.total("pacticipants", "pacticipants"))
        for item in self.source.items("pacticipants", "pacticipants"):
            name = item["name"]
            self.progress.about(name)
            write_places(self.source, self.folder, name, everywhere, self.journal)
            numbers = write_versions(self.source, self.folder, name, self.journal)
            if with_contracts:
                with self._permitted(f"Service contracts and scenarios of {name}"):
                    service_contracts.write(
                        self.source, self.folder, name, numbers, journal=self.journal, at_once=self.at_once
                    )
            write_pacticipant(self.folder, item, self.journal)
            self.progress.advance()
