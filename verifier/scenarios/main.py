"""The command `tally scenario`: options are parsed, a run is made and reported, an exit code returned."""

from collections.abc import Iterator, Mapping
from typing import Any

from tally.errors import TallyError
from verifier.scenarios.options import options_from
from verifier.scenarios.reporter import ScenarioReporter, ScenarioReporters
from verifier.scenarios.run import run_scenarios
from verifier.scenarios.text_report import TextScenarioReporter


def exit_code_of(output: str, given: Mapping[str, Any]) -> int:
    """Execute the scenarios that the options *given* describe, and return the exit code."""
    reporter = _standard_reporter(output, verbose=given["verbose"])
    try:
        reporter = ScenarioReporters((reporter, *_file_reporters(given)))
        report = run_scenarios(options_from(given), reporter)
    except TallyError as error:
        reporter.could_not_run(str(error))
        return 2
    except KeyboardInterrupt:
        reporter.could_not_run("The run was interrupted, and its clean-up too: look at what is left behind.")
        return 2
    reporter.ended(report)
    return report.exit_code


def _standard_reporter(output: str, *, verbose: bool) -> ScenarioReporter:
    if output in {"json", "pretty"}:
        from verifier.scenarios.json_report import JsonScenarioReporter  # noqa: PLC0415 - loaded when wanted

        return JsonScenarioReporter(indented=output == "pretty")
    if output == "table":
        from verifier.scenarios.table_report import TableScenarioReporter  # noqa: PLC0415 - loaded when wanted

        return TableScenarioReporter()
    return TextScenarioReporter(verbose=verbose)


def _file_reporters(given: Mapping[str, Any]) -> Iterator[ScenarioReporter]:
    if given["json_file"] or given["junit_file"]:
        from verifier.scenarios.file_reports import json_file, junit_file  # noqa: PLC0415 - loaded when wanted

        for name, reporter in (("json_file", json_file), ("junit_file", junit_file)):
            if given[name]:
                yield reporter(given[name])
