"""The command `tally verify`: options are parsed, a run is made and reported, an exit code returned."""

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tally.errors import TallyError
from verifier.command_line.parsing import options_from
from verifier.reporting.choice import further_reporters, standard_reporter
from verifier.reporting.reporter import Reporter, Reporters
from verifier.runs.run import run
from verifier.selection.filters import Filters
from verifier.selection.last_run import last_run_file, save_failures


def exit_code_of(output: str, given: Mapping[str, Any]) -> int:
    """Run the verification that the options *given* describe, and return the exit code."""
    # Contracts and results hold no reference cycles. Looking for some as often as by default takes a tenth of
    # a run.
    gc.set_threshold(50_000)
    reporter: Reporter = standard_reporter(output, verbose=given["verbose"])
    try:
        reporter = Reporters((reporter, *further_reporters(given)))
        options = options_from(given)
        report = run(options, reporter)
    except TallyError as error:
        reporter.could_not_run(str(error))
        return 2
    except KeyboardInterrupt:
        reporter.could_not_run("The run was interrupted before anything was verified.")
        return 2
    save_failures(last_run_file(Path.cwd()), report.contracts, partial=options.filters != Filters())
    return report.exit_code
