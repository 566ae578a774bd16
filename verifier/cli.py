"""`tally verify`: its options, its help, and its exit code."""

from typing import Any

import click

from verifier.command_line.options import verify_options


# -h is a host, as in `pact verifier`: it must never show the help and pass.
@click.command(context_settings={"max_content_width": 100, "help_option_names": ["--help"]})
@verify_options
def verify(*, output: str, **given: Any) -> None:
    """Replay contracts against a provider: what consumers rely on, and what the provider promises.

    SOURCES are pact files, folders of them, or URLs. Without any, the pacts come from the broker, which
    then can be told the result.

    The exit code is 0 when every contract is kept, 1 when one is broken or a budget is exceeded, and 2 when
    something could not be checked: wrong options, no contract, a provider state that cannot be set up, no
    answer from the provider or the broker.

    \b
    Examples:
      A pact on disk, against a provider that is running:
        tally verify pacts/ --provider-url http://localhost:8080 \\
          --state-change-url http://localhost:8080/_states
    \b
      What the broker wants verified, and tell it the result:
        tally verify --broker-base-url http://localhost:9292 --provider Orders \\
          --provider-url http://localhost:8080 --publish --provider-branch main \\
          --provider-version "$(git rev-parse HEAD)"
    \b
      The provider's own service contract:
        tally verify --service-contract openapi.yaml --provider-url http://localhost:8080
    """
    from verifier.command_line.command import exit_code_of  # noqa: PLC0415 - --help need not wait for it

    raise click.exceptions.Exit(exit_code_of(output, given))
