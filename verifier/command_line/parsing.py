"""Options of the command line, checked and parsed into `Options`."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tally.errors import UsageError
from verifier.command_line.named_objects import named_object
from verifier.generation.settings import PHASES, Generation
from verifier.options import Options, PactSelection, ProviderVersion
from verifier.provider.address import address, is_transport, provider_address
from verifier.provider.process import Start
from verifier.provider.provider import RequestFilter
from verifier.provider.request_filters import CommandFilter, FunctionFilter
from verifier.replay.concurrency import Pace, read_concurrency
from verifier.results.budgets import Budgets
from verifier.selection.filters import Filters
from verifier.selection.last_run import last_run_file, saved_failures
from verifier.selection.shard import read_shard
from verifier.transport.tls import Tls

_DEFAULT_TIMEOUT = 30
"""In seconds, for each response."""


def options_from(given: Mapping[str, Any]) -> Options:
    """Return the parsed options; raises UsageError, which names the option that is wrong."""
    provider = provider_address(given)
    return Options(
        provider_url=provider.url,
        transports=provider.transports,
        application=named_object("--app", given["app"]) if given["app"] else None,
        start=_start(given, provider.url),
        request_filter=_request_filter(given),
        provider=given["provider"],
        sources=_sources(given),
        allow_no_pacts=given["ignore_no_pacts_error"],
        service_contracts=given["service_contracts"],
        service_contract_version=given["service_contract_version"],
        workflows=given["workflows"],
        broker=given["broker"],
        selection=_selection(given),
        version=_version(given),
        publish=given["publish"],
        filters=_filters(given),
        headers=tuple(_header(text) for text in given["header"]),
        timeout=_timeout(given),
        budgets=Budgets(max_p95_ms=given["max_p95"], max_error_rate=given["max_error_rate"]),
        fail_fast=given["fail_fast"],
        repeat=given["repeat"],
        total_timeout=given["total_timeout"],
        connection_retries=given["connection_retries"],
        follow_redirects=given["follow_redirects"],
        tls=_tls(given),
        engine=given["engine"],
        shard=read_shard(given["shard"]),
        generation=Generation(
            phases=_phases(given["phases"]), most=given["max_examples"], seed=given["seed"]
        ),
        coverage_min=given["coverage_min"],
        pace=_pace(given),
        state_change_url=_address_or_path("--state-change-url", given["state_change_url"]),
        state_change_teardown=given["state_change_teardown"],
        state_change_as_query=given["state_change_as_query"],
        message_url=_address_or_path("--message-url", given["message_url"]) or provider.message_url,
    )


def _sources(given: Mapping[str, Any]) -> tuple[str, ...]:
    called_back = given["webhook_callback_url"]
    if called_back and given["broker"] is None:
        raise UsageError("--webhook-callback-url names a pact at a broker: give --broker-base-url.")
    sources = (source for source in given["sources"] if not is_transport(source))
    return (*sources, *given["more_sources"], *((called_back,) if called_back else ()))


def _phases(text: str) -> tuple[str, ...]:
    named = _separated((text,))
    unknown = next((name for name in named if name not in PHASES), None)
    if unknown is not None or not named:
        raise UsageError(f"--phases {text!r}: name some of {', '.join(PHASES)}, separated by commas.")
    return tuple(phase for phase in PHASES if phase in named)


def _timeout(given: Mapping[str, Any]) -> float:
    seconds, milliseconds = given["timeout"], given["request_timeout"]
    if seconds and milliseconds:
        raise UsageError("--timeout and --request-timeout set the same limit: leave one out.")
    return float(seconds or (milliseconds / 1000 if milliseconds else _DEFAULT_TIMEOUT))


def _start(given: Mapping[str, Any], provider_url: str) -> Start | None:
    if not given["start"]:
        if given["wait_for"]:
            raise UsageError("--wait-for needs --start COMMAND: it waits for what that starts.")
        return None
    if given["app"]:
        raise UsageError(
            "--app calls the provider in this process, so there is nothing to --start: leave one out."
        )
    return Start(
        command=given["start"],
        wait_for=address("--wait-for", given["wait_for"] or provider_url),
        timeout=given["start_timeout"],
        tls=_tls(given),
    )


def _request_filter(given: Mapping[str, Any]) -> RequestFilter | None:
    name, command = given["request_filter"], given["request_filter_command"]
    if name and command:
        raise UsageError(
            "Only one request filter is possible: leave out --request-filter or --request-filter-command."
        )
    if command:
        return CommandFilter(command, _timeout(given))
    return FunctionFilter(named_object("--request-filter", name)) if name else None


def _pace(given: Mapping[str, Any]) -> Pace:
    """Return the concurrency; by default 1 for an application, which may not be safe for threads."""
    unsaid = given["concurrency"] is None and not given["parallel_states"]
    if given["app"] and unsaid:
        return Pace(concurrency=1)
    number, writes = read_concurrency(given["concurrency"])
    return Pace(concurrency=number, writes=writes, parallel_states=given["parallel_states"])


def _tls(given: Mapping[str, Any]) -> Tls:
    if given["client_key"] and not given["client_certificate"]:
        raise UsageError("--client-key needs --client-certificate FILE, the certificate of that key.")
    return Tls(
        ca_file=given["ca_file"],
        certificate=given["client_certificate"],
        key=given["client_key"],
        skip=given["disable_ssl_verification"],
    )


def _selection(given: Mapping[str, Any]) -> PactSelection:
    selectors = [selector for text in given["selectors"] for selector in _selectors(text)]
    selectors += [{"tag": tag, "latest": True} for tag in _separated(given["consumer_tags"])]
    return PactSelection(
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
        tags=given["tags"],
        last_failed=saved_failures(last_run_file(Path.cwd())) if given["last_failed"] else None,
    )


def _selectors(text: str) -> list[dict[str, Any]]:
    """Return the selectors in one option value: a JSON object, or a list of them."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"--consumer-version-selectors {text!r} is not JSON: {error}.") from error
    selectors = value if isinstance(value, list) else [value]
    if not all(isinstance(selector, dict) for selector in selectors):
        raise UsageError(
            f'--consumer-version-selectors {text!r} is not a JSON object: write it as {{"branch": "main"}}.'
        )
    return selectors


def _separated(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _date(text: str | None) -> str | None:
    try:
        if text is not None:
            datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--include-wip-pacts-since {text!r} is not a date: write it as 2026-01-31."
        ) from error
    return text


def _pattern(option: str, text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise UsageError(f"{option} {text!r} is not a regular expression: {error}.") from error


def _header(text: str) -> tuple[str, str]:
    """Read "Name: value"; `pact verifier` writes "NAME=value"."""
    found = re.fullmatch(r"\s*([!#$%&'*+.^`|~\w-]+)\s*[:=]\s*(.*?)\s*", text, re.ASCII | re.DOTALL)
    if not found or "\n" in found[2] or "\r" in found[2]:
        raise UsageError("--header is not a header: write it as 'Name: value', on one line.")
    return found[1], found[2]


def _address_or_path(option: str, url: str | None) -> str | None:
    """Read an address, or a path of the provider."""
    return address(option, url) if url and not url.startswith("/") else url
