"""What was given on the command line, checked and read into Options."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from tally.errors import UsageError
from verifier.options import Filters, Options, ProviderVersion, Selection


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
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        shown = url.rpartition("@")[2]
        raise UsageError(f"{option} {shown!r} is no address: write it as http://localhost:8080.")
    return url.rstrip("/")


def _optional_address(option: str, url: str | None) -> str | None:
    return _address(option, url) if url else None


def _path(path: str | None) -> str:
    return f"/{path.strip('/')}" if path and path.strip("/") else ""
