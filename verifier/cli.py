"""`tally verify`: options into Options, a run, an exit code. Nothing else."""

from pathlib import Path
from typing import Any

import click

from tally.errors import TallyError
from verifier.command_line import verify_options
from verifier.last_run import last_run_file, remember
from verifier.options import Filters
from verifier.reading_options import options_from
from verifier.reporting import Reporter, Reporters
from verifier.reporting.choice import further_reporters, standard_reporter
from verifier.running import run


@click.command(context_settings={"max_content_width": 100})
@verify_options
def verify(*, output: str, **given: Any) -> None:  # noqa: ANN401 - one for each option
    """Replay contracts against a provider: what consumers rely on, and what the provider promises.

    SOURCES are pact files, folders of them, or URLs. Without any, the pacts come from the broker, which
    then can be told the result.

    The exit code is 0 when every contract is kept, 1 when one is broken or a budget is exceeded, and 2 when
    something could not be checked: wrong options, no contract, no answer from the provider or the broker.

    \b
    Examples:
      A pact on disk, against a provider that is running:
        tally verify pacts/ --provider-url http://localhost:8080 \\
          --state-change-url http://localhost:8080/_states
    \b
      What the broker wants verified, and tell it the result:
        tally verify --broker-base-url http://localhost:9292 --provider Orders \\
          --provider-url http://localhost:8080 --publish --provider-version $(git rev-parse HEAD) \\
          --provider-branch main
    \b
      The provider's own service contract:
        tally verify --service-contract openapi.yaml --provider-url http://localhost:8080
    """
    reporter: Reporter = standard_reporter(output)
    try:
        reporter = Reporters((reporter, *further_reporters(given)))
        options = options_from(given)
        report = run(options, reporter)
    except TallyError as error:
        reporter.could_not_run(str(error))
        raise click.exceptions.Exit(2) from error
    remember(last_run_file(Path.cwd()), report.contracts, of_a_part=options.filters != Filters())
    raise click.exceptions.Exit(report.exit_code)
