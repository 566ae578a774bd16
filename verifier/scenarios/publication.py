"""The results of a run, sent to the broker."""

from tally.workflows.binding import BoundDocument
from verifier.scenarios.options import ScenarioOptions
from verifier.scenarios.report import ScenarioReport


def publish(report: ScenarioReport, bounds: list[BoundDocument], options: ScenarioOptions) -> str:
    """Publish the results under the versions that took part, and return where they are."""
    raise NotImplementedError
