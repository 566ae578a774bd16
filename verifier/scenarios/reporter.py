"""What every format of a report of scenarios is told during a run."""

from collections.abc import Iterable, Sequence

from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport


class ScenarioReporter:
    """Told of a run as it happens; a format overrides the methods that it needs.

    `ended` or `could_not_run` is called last, once.
    """

    def started(self, title: str, warnings: Sequence[str]) -> None:
        """Take the title of the documents, and the warnings, before anything is executed."""

    def workflow_ended(self, executed: ExecutedWorkflow) -> None:
        """Take the result of one workflow, after its clean-up."""

    def ended(self, report: ScenarioReport) -> None:
        """Take the report of the whole run."""

    def could_not_run(self, reason: str) -> None:
        """Take the reason why there is no report."""


class ScenarioReporters(ScenarioReporter):
    """Several reporters as one."""

    def __init__(self, reporters: Iterable[ScenarioReporter]) -> None:
        self.reporters = tuple(reporters)

    def started(self, title: str, warnings: Sequence[str]) -> None:
        for reporter in self.reporters:
            reporter.started(title, warnings)

    def workflow_ended(self, executed: ExecutedWorkflow) -> None:
        for reporter in self.reporters:
            reporter.workflow_ended(executed)

    def ended(self, report: ScenarioReport) -> None:
        for reporter in self.reporters:
            reporter.ended(report)

    def could_not_run(self, reason: str) -> None:
        for reporter in self.reporters:
            reporter.could_not_run(reason)
