"""The options of `tally verify`; names and environment variables equal those of `pact verifier`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tally.commands.options import optional_broker_options, output_option

Function = Callable[..., Any]

# `pact verifier` gives other meanings to -u, -p, -c and -k than the commands for brokers do.
BROKER_NAMES = {
    "broker_base_url": ("-b", "--broker-base-url", "--broker-url"),
    "broker_username": ("--broker-username", "--user"),
    "broker_password": ("--broker-password", "--password"),
    "broker_token": ("-t", "--broker-token", "--token"),
    "ssl_certificate": ("--ssl-certificate",),
    "skip_ssl_verification": ("--skip-ssl-verification",),
    "custom_header": ("--custom-header",),
}
"""The names of the options that say which broker, here."""

PROVIDER = (
    click.argument("sources", nargs=-1),
    click.option(
        "-f", "--file", "-d", "--dir", "-u", "--url", "more_sources", multiple=True, metavar="SOURCE",
        help="The same as SOURCES; may be repeated.",
    ),
    click.option(
        "--provider-url", envvar="PACT_PROVIDER_BASE_URL", metavar="URL",
        help="Where the provider runs, such as http://localhost:8080.",
    ),
    click.option(
        "--app", metavar="MODULE:NAME",
        help="The provider's WSGI or ASGI application, asked in this process, instead of --provider-url.",
    ),
    click.option(
        "--start", metavar="COMMAND",
        help="Start the provider with this command, and stop it at the end.",
    ),
    click.option(
        "--wait-for", metavar="URL",
        help="What answers when it has started, with a status below 500; by default --provider-url.",
    ),
    click.option(
        "--start-timeout", type=click.FloatRange(min=0, min_open=True), default=60, show_default=True,
        metavar="SECONDS", help="How long to wait for that.",
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
        help="A command that reads each request as JSON, and writes it changed.",
    ),
    click.option(
        "--timeout", type=click.FloatRange(min=0, min_open=True), default=30, show_default=True,
        metavar="SECONDS", help="How long to wait for each answer of the provider.",
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
        "--message-url", metavar="URL",
        help="Receives POST {description, providerStates}, and answers with the message.",
    ),
)  # fmt: skip
"""Options about the provider and what is replayed against it."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

CONNECTION = (
    click.option(
        "--total-timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
        help="Begin no interaction after so long a run; what is left out counts as not checked.",
    ),
    click.option(
        "--concurrency", metavar="N",
        help="How many interactions that need no provider state are replayed at once; auto for as many as "
        "the provider's latency makes worth while. Without it the same, but only those that read.",
    ),
    click.option(
        "--engine", type=click.Choice(("tallystick", "pact-core")), default="tallystick",
        show_default=True,
        help="What replays pacts: this verifier, or the Rust verifier of pact-python. What needs a plugin "
        "always goes through the latter.",
    ),
    click.option(
        "--shard", metavar="N/OF",
        help="Only one part of all interactions, such as 3/8, for several machines side by side.",
    ),
    click.option(
        "--parallel-states", is_flag=True,
        help="Also replay interactions with provider states at once: the provider must keep them apart.",
    ),
    click.option(
        "--connection-retries", type=click.IntRange(min=0), default=2, show_default=True, metavar="TIMES",
        help="How often a connection that cannot be made is tried again; a request that went out never is.",
    ),
    click.option("--follow-redirects", is_flag=True, help="A redirect is not the answer: follow it."),
    click.option(
        "--ca-file", type=_FILE, metavar="FILE", help="Certificates to trust the provider by, as a PEM file.",
    ),
    click.option(
        "--client-certificate", type=_FILE, metavar="FILE",
        help="Certificate to show the provider, as a PEM file.",
    ),
    click.option(
        "--client-key", type=_FILE, metavar="FILE",
        help="Its key, as a PEM file, unless it is in the same file.",
    ),
    click.option(
        "--disable-ssl-verification", is_flag=True, help="Trust any certificate of the provider.",
    ),
)  # fmt: skip
"""Options about how the provider is asked."""

CONTRACTS = (
    click.option(
        "--service-contract", "service_contracts", multiple=True, metavar="FILE",
        help="A service contract of the provider (OpenAPI or JSON); may be repeated.",
    ),
    click.option(
        "--service-contract-from-broker", "service_contract_version", metavar="VERSION",
        help="Fetch the service contract of this version of the provider from the broker.",
    ),
    click.option(
        "--consumer-version-selectors", "selectors", multiple=True, metavar="JSON",
        help='Which pacts the broker chooses, such as \'{"mainBranch": true}\'; may be repeated.',
    ),
    click.option(
        "--consumer-version-tags", "consumer_tags", multiple=True, metavar="TAGS",
        help="Choose the latest pacts with these tags (comma-separated).",
    ),
    click.option(
        "--enable-pending", is_flag=True, envvar="PACT_ENABLE_PENDING",
        help="Pacts that this provider has never kept may fail without failing the run.",
    ),
    click.option(
        "--include-wip-pacts-since", "wip_since", metavar="DATE",
        help="Also verify work in progress since this date (2026-01-31), without failing the run.",
    ),
    click.option(
        "--filter-description", envvar="PACT_DESCRIPTION", metavar="REGEX",
        help="Only interactions whose description matches.",
    ),
    click.option(
        "--filter-state", envvar="PACT_PROVIDER_STATE", metavar="REGEX",
        help="Only interactions with a provider state that matches.",
    ),
    click.option(
        "--filter-no-state", is_flag=True, envvar="PACT_PROVIDER_NO_STATE",
        help="Only interactions without provider states.",
    ),
    click.option(
        "-c", "--filter-consumer", "consumers", multiple=True, metavar="NAME",
        help="Only contracts of this consumer; may be repeated.",
    ),
    click.option(
        "--filter-tag", "tags", multiple=True, metavar="TAG",
        help="Only interactions with this tag in their comments; may be repeated.",
    ),
    click.option(
        "--last-failed", is_flag=True, help="Only interactions that did not pass when they last ran here.",
    ),
)  # fmt: skip
"""Options about which contracts and interactions are verified."""

JUDGING = (
    click.option(
        "--fail-fast", "--exit-on-first-error", "fail_fast", is_flag=True,
        help="End the run with the first interaction that fails.",
    ),
    click.option(
        "--repeat", type=click.IntRange(min=1), default=1, metavar="TIMES",
        help="Replay every interaction so often; one that passes only sometimes is flaky, and fails the run.",
    ),
    click.option(
        "--max-p95", type=click.FloatRange(min=0), metavar="MS",
        help="Fail when more than 5 % of the answers take longer than this (milliseconds).",
    ),
    click.option(
        "--max-error-rate", type=click.FloatRange(min=0, max=100), metavar="PERCENT",
        help="Fail when a larger part of the requests has no answer, or one of 500 and above.",
    ),
)  # fmt: skip
"""Options about when a run ends, and what counts besides the contracts."""

REPORTS = (
    click.option(
        "-j", "--json", "json_file", envvar="PACT_VERIFIER_JSON_REPORT", metavar="FILE",
        help="Write the report as JSON.",
    ),
    click.option(
        "-x", "--junit", "junit_file", envvar="PACT_VERIFIER_JUNIT_REPORT", metavar="FILE",
        help="Write the report as JUnit XML, which CI systems show.",
    ),
    click.option(
        "--html", "html_file", envvar="PACT_VERIFIER_HTML_REPORT", metavar="FILE",
        help="Write the report as one HTML page that needs nothing else.",
    ),
    click.option(
        "--github/--no-github", default=None,
        help="Annotate the build and fill its summary; by itself in GitHub Actions.",
    ),
)  # fmt: skip
"""Options about where reports go, besides standard output."""

PUBLISHING = (
    click.option("--publish", is_flag=True, help="Tell the broker the results."),
    click.option(
        "--provider-version", envvar="PACT_PROVIDER_VERSION", metavar="VERSION",
        help="The version that is verified, best a commit.",
    ),
    click.option(
        "--provider-branch", envvar="PACT_PROVIDER_BRANCH", metavar="BRANCH",
        help="The branch of that version.",
    ),
    click.option(
        "--provider-tags", multiple=True, envvar="PACT_PROVIDER_TAGS", metavar="TAGS",
        help="Tags of that version (comma-separated).",
    ),
    click.option("--build-url", envvar="PACT_BUILD_URL", metavar="URL", help="The build that verifies."),
)  # fmt: skip
"""Options about the version that is verified, and who is told."""


def verify_options(command: Function) -> Function:
    """Add every option; the command receives them by name, and the broker as `broker`."""
    function = _with((*JUDGING, *PUBLISHING), output_option("text", "json")(_with(REPORTS, command)))
    function = _with((*PROVIDER, *CONNECTION, *CONTRACTS), optional_broker_options(function))
    for parameter in getattr(function, "__click_params__", ()):
        parameter.opts = list(BROKER_NAMES.get(parameter.name, parameter.opts))
        parameter.show_envvar = True
    return function


def _with(options: Sequence[Callable[[Function], Function]], command: Function) -> Function:
    for option in reversed(options):
        command = option(command)
    return command
