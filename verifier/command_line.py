"""The options of `tally verify`; names and environment variables equal those of `pact verifier`."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import click
import orjson

from tally.commands.options import optional_broker_options, output_option
from tally.errors import UsageError
from verifier.options import Filters, Options, ProviderVersion, Selection

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
        "--provider-url", required=True, envvar="PACT_PROVIDER_BASE_URL", metavar="URL",
        help="Where the provider runs, such as http://localhost:8080.",
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
)  # fmt: skip
"""Options about which contracts and interactions are verified."""

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
    function = _with(PUBLISHING, output_option("text", "json")(command))
    function = _with((*PROVIDER, *CONTRACTS), optional_broker_options(function))
    for parameter in getattr(function, "__click_params__", ()):
        parameter.opts = list(BROKER_NAMES.get(parameter.name, parameter.opts))
        parameter.show_envvar = True
    return function


def _with(options: Sequence[Callable[[Function], Function]], command: Function) -> Function:
    for option in reversed(options):
        command = option(command)
    return command


def options_from(given: Mapping[str, Any]) -> Options:
    """Return what the user asked for; raises UsageError, naming the option, when it makes no sense."""
    return Options(
        provider_url=_address("--provider-url", given["provider_url"]) + _path(given["base_path"]),
        provider=given["provider"],
        sources=(*given["sources"], *given["more_sources"]),
        service_contracts=given["service_contracts"],
        service_contract_version=given["service_contract_version"],
        broker=given["broker"],
        selection=_selection(given),
        version=_version(given),
        publish=given["publish"],
        filters=_filters(given),
        headers=tuple(_header(text) for text in given["header"]),
        timeout=given["timeout"],
        state_change_url=_optional_address("--state-change-url", given["state_change_url"]),
        state_change_teardown=given["state_change_teardown"],
        message_url=_optional_address("--message-url", given["message_url"]),
    )


def _selection(given: Mapping[str, Any]) -> Selection:
    selectors = [selector for text in given["selectors"] for selector in _selectors(text)]
    selectors += [{"tag": tag, "latest": True} for tag in _separated(given["consumer_tags"])]
    return Selection(
        selectors=tuple(selectors),
        enable_pending=given["enable_pending"],
        wip_since=_date(given["wip_since"]),
    )


def _version(given: Mapping[str, Any]) -> ProviderVersion:
    return ProviderVersion(
        number=given["provider_version"],
        branch=given["provider_branch"],
        tags=_separated(given["provider_tags"]),
        build_url=given["build_url"],
    )


def _filters(given: Mapping[str, Any]) -> Filters:
    return Filters(
        description=_pattern("--filter-description", given["filter_description"]),
        state=_pattern("--filter-state", given["filter_state"]),
        no_state=given["filter_no_state"],
        consumers=given["consumers"],
    )


def _selectors(text: str) -> list[dict[str, Any]]:
    """Return the selectors in one option: an object, or a list of them."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"--consumer-version-selectors {text!r} is not JSON: {error}.") from error
    selectors = value if isinstance(value, list) else [value]
    if not all(isinstance(selector, dict) for selector in selectors):
        raise UsageError(
            f'--consumer-version-selectors {text!r} is no JSON object: write it as {{"branch": "main"}}.'
        )
    return selectors


def _separated(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _date(text: str | None) -> str | None:
    try:
        if text is not None:
            datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--include-wip-pacts-since {text!r} is no date: write it as 2026-01-31.") from error
    return text


def _pattern(option: str, text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise UsageError(f"{option} {text!r} is no regular expression: {error}.") from error


def _header(text: str) -> tuple[str, str]:
    """Read "Name: value"; `pact verifier` writes "NAME=value"."""
    found = re.fullmatch(r"\s*([!#$%&'*+.^`|~\w-]+)\s*[:=]\s*(.*?)\s*", text, re.ASCII | re.DOTALL)
    if not found or "\n" in found[2] or "\r" in found[2]:
        raise UsageError("--header is not a header: write it as 'Name: value', on one line.")
    return found[1], found[2]


def _address(option: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{option} {url!r} is no address: write it as http://localhost:8080.")
    return url.rstrip("/")


def _optional_address(option: str, url: str | None) -> str | None:
    return _address(option, url) if url else None


def _path(path: str | None) -> str:
    return f"/{path.strip('/')}" if path and path.strip("/") else ""
