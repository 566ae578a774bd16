"""Options about the provider, and about the requests to it."""

from pathlib import Path

import click

from tally.option_values import Number, WholeNumber

PROVIDER = (
    click.argument("sources", nargs=-1),
    click.option(
        "-f", "--file", "-d", "--dir", "-u", "--url", "--pact-url", "more_sources", multiple=True,
        metavar="SOURCE", help="The same as SOURCES; may be repeated.",
    ),
    click.option(
        "--provider-url", envvar="PACT_PROVIDER_BASE_URL", metavar="URL",
        help="Where the provider runs, such as http://localhost:8080.",
    ),
    click.option(
        "--app", metavar="MODULE:NAME",
        help="The provider's WSGI or ASGI application, called in this process, instead of --provider-url.",
    ),
    click.option(
        "--start", metavar="COMMAND",
        help="Start the provider with this command, and stop it at the end.",
    ),
    click.option(
        "--wait-for", metavar="URL",
        help="URL that responds with a status below 500 once it has started; by default --provider-url.",
    ),
    click.option(
        "--start-timeout", type=Number(min=0, min_open=True), default=60, show_default=True,
        metavar="SECONDS", help="How long to wait for the provider to start.",
    ),
    click.option(
        "--base-path", envvar="PACT_PROVIDER_BASE_PATH", metavar="PATH",
        help="Put before the path of every request.",
    ),
    click.option(
        "-n", "--provider", "--provider-name", "provider", envvar="PACT_PROVIDER_NAME", metavar="NAME",
        help="Name of the provider; pacts for another one are refused.",
    ),
    click.option(
        "-H", "--header", multiple=True, metavar="'NAME: VALUE'",
        help="Add a header to every request, such as a token; may be repeated.",
    ),
    click.option(
        "--request-filter", metavar="MODULE:NAME",
        help="A Python function that changes each request before it is sent, to add a token for example.",
    ),
    click.option(
        "--request-filter-command", metavar="COMMAND",
        help="A command that reads each request as JSON, and writes the changed request.",
    ),
    click.option(
        "--timeout", type=Number(min=0, min_open=True), metavar="SECONDS",
        help="How long to wait for each response of the provider.  [default: 30]",
    ),
    click.option(
        "-s", "--state-change-url", "--state-url", "state_change_url",
        envvar="PACT_PROVIDER_STATE_CHANGE_URL", metavar="URL",
        help="Receives POST {action, state, params} before each interaction that needs a provider state.",
    ),
    click.option(
        "--state-change-teardown", is_flag=True, envvar="PACT_PROVIDER_STATE_CHANGE_TEARDOWN",
        help="Send the same with the action teardown after each interaction.",
    ),
    click.option(
        "--state-change-as-query", is_flag=True, envvar="PACT_PROVIDER_STATE_CHANGE_AS_QUERY",
        help="Send action, state and parameters in the query of the URL instead, without a body.",
    ),
    click.option(
        "--message-url", metavar="URL",
        help="Receives POST {description, providerStates}, and responds with the message.",
    ),
)  # fmt: skip
"""Options about the provider, its states and messages, and the pacts."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

CONNECTION = (
    click.option(
        "--total-timeout", type=Number(min=0, min_open=True), metavar="SECONDS",
        help="Begin no interaction after this time; those left out count as not checked.",
    ),
    click.option(
        "--concurrency", metavar="N",
        help="How many interactions without provider states are replayed at the same time; auto chooses the "
        "number by the provider's latency. The default is auto, for interactions that only read.",
    ),
    click.option(
        "--engine", type=click.Choice(("tallystick", "pact-core")), default="tallystick",
        show_default=True,
        help="What replays pacts: this verifier, or the Rust verifier of pact-python. Interactions "
        "that need a plugin always use the latter.",
    ),
    click.option(
        "--shard", metavar="N/OF",
        help="Verify one part of the interactions, such as 3/8, when several machines share a run.",
    ),
    click.option(
        "--parallel-states", is_flag=True,
        help="Also replay interactions with provider states at the same time; the provider must allow that.",
    ),
    click.option(
        "--connection-retries", type=WholeNumber(min=0), default=2, show_default=True, metavar="TIMES",
        help="How often a failed connection is tried again; a request that was sent is not repeated.",
    ),
    click.option(
        "--follow-redirects", is_flag=True,
        help="Follow redirects, instead of comparing them with the contract.",
    ),
    click.option(
        "--ca-file", type=_FILE, metavar="FILE", help="PEM file of the certificates to trust.",
    ),
    click.option(
        "--client-certificate", type=_FILE, metavar="FILE",
        help="PEM file of the certificate to present to the provider.",
    ),
    click.option(
        "--client-key", type=_FILE, metavar="FILE",
        help="PEM file of its key, unless the key is in the same file.",
    ),
    click.option(
        "--disable-ssl-verification", is_flag=True, help="Trust any certificate of the provider.",
    ),
)  # fmt: skip
"""Options about requests to the provider."""
