"""Why a verification failed: what, side by side, since when, and which change brought it."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from tally.amounts import counted
from tally.assistants import names
from tally.assistants.answers import Answer, ToolError, page_of, quoted
from tally.assistants.failures.failed_comparisons import explained_comparison
from tally.assistants.failures.failed_results import explained_result
from tally.assistants.pacts.pacts import pact_of, version_of
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient
from tally.commands.decisions.decision_requests import ALL_ROWS, Patience, ask
from tally.commands.decisions.selectors import VersionSelector

Json = dict[str, Any]
_ONCE = Patience(0, 0)
_RESULTS = ("/verification-results/", "/comparisons/", "result=")
_ROWS_ON_A_PAGE = 20
_WITHOUT_PACT = {"service-contract", "dependency"}
"""Kinds of rows that are about no pact."""
_METADATA = re.compile(r"/metadata/[^/]+")
"""What differs in addresses of the same result: for which version of the consumer it was asked."""


def why_did_it_fail(  # noqa: PLR0913 - one for each way to name a result
    sources: Sources,
    *,
    consumer: Annotated[str | None, "Name of the consumer. Without it: all consumers."] = None,
    provider: Annotated[str | None, "Name of the provider."] = None,
    consumer_version: Annotated[
        str | None, "Version of the consumer. Without it: the newest of its main branch with a pact."
    ] = None,
    provider_version: Annotated[
        str | None, "Version of the provider. Without it: its newest result of the main branch, or of any."
    ] = None,
    result: Annotated[str | None, "URL of a result at this broker, in place of names."] = None,
    page: Annotated[int, "Page of the interactions that failed."] = 1,
) -> Answer:
    """Say why a verification failed: each mismatch with what was expected and what came, and since when.

    It says as well which change brought it: that of the pact since it was verified, or that of the provider
    since it kept the pact, with what changed; or plainly that this is not known. Ask with the names of
    consumer and provider, with the provider and its version alone, or with the URL of a result.
    """
    broker = sources.broker
    if result is not None:
        if consumer or provider or consumer_version or provider_version:
            raise ToolError("Give the URL of a result, or names and versions, not both.")
        return _of_url(broker, result, page)
    if provider is None:
        raise ToolError("provider is missing: name the provider, or give the URL of a result.")
    if consumer is None:
        if consumer_version is not None:
            raise ToolError("consumer is missing: whose version is consumer_version?")
        return _of_provider(broker, provider, provider_version, page)
    pact = pact_of(broker, consumer, provider, consumer_version, "consumer_version")
    return _of_pact(broker, (consumer, version_of(pact)), (provider, provider_version), page)


def _of_url(broker: BrokerClient, url: str, page: int) -> Answer:
    # A request to another place would take the credentials there.
    if not url.startswith(f"{broker.base_url}/") or not any(part in url for part in _RESULTS):
        raise ToolError(
            f"result: this is no result at {broker.base_url}. Take an address that another tool gave, or "
            "name consumer and provider."
        )
    return _explained(broker, url, page)


def _of_provider(broker: BrokerClient, provider: str, version: str | None, page: int) -> Answer:
    """Explain the only failure of a version of the provider, or list those with its consumers."""
    if version is None:
        version = str(names.main_head(broker, provider).state["number"])
    else:
        names.version(broker, provider, version, "provider_version")
    asked = VersionSelector(provider, version=version)
    failed = _distinct([row for row in _rows(broker, asked, only_failed=True) if _is_of(row, provider)])
    who = f"{quoted(provider)} {quoted(version)}"
    if len(failed) == 1:
        return _explained(broker, _listed(failed[0])["result"], page)
    if not failed:
        rows = [row for row in _rows(broker, asked) if _is_of(row, provider)]
        known = f"{counted(len(rows), 'result')} of it passed" if rows else "no result of it is known"
        return Answer(f"Nothing failed with {who}: {known}.", {"results": page_of(rows, 1)["total"]})
    first = failed[0]["consumer"]
    step = (
        f"Ask about each, such as why_did_it_fail with consumer {quoted(first['name'])}, "
        f"consumer_version {quoted(first['version']['number'])}, provider {quoted(provider)}, "
        f"provider_version {quoted(version)}."
    )
    return Answer(
        f"{counted(len(failed), 'pact')} failed with {who}.",
        {"failed": page_of([_listed(row) for row in failed], page, _ROWS_ON_A_PAGE)},
        next=[step],
    )


def _of_pact(
    broker: BrokerClient, consumer: tuple[str, str], provider: tuple[str, str | None], page: int
) -> Answer:
    name, number = provider
    if number is not None:
        names.version(broker, name, number, "provider_version")
    row = _row(broker, VersionSelector(consumer[0], version=consumer[1]), name, number)
    who = " ".join(map(quoted, consumer))
    verified = None if row is None else _verdict(row)
    if row is None or verified is None:
        which = f"{quoted(name)} {quoted(number)}" if number else quoted(name)
        return Answer(
            f"It is not known whether {which} keeps the pact of {who}: there is no result.",
            next=["can_i_deploy says who has to verify it, and how."],
        )
    if verified:
        kept = f"{quoted(name)} {quoted(row['provider']['version']['number'])}"
        return Answer(
            f"It did not fail: {kept} keeps the pact of {who}.",
            {"result": _listed(row)},
            next=[*_newest_failure(broker, consumer[0], name)] if number is None else [],
        )
    return _explained(broker, _listed(row)["result"], page)


def _row(
    broker: BrokerClient, asked: VersionSelector, provider: str, number: str | None
) -> Mapping[str, Any] | None:
    """Return the newest result: of the version, or else of the provider's main branch, or of any."""
    others = [VersionSelector(provider, version=number)]
    if number is None:
        others = [VersionSelector(provider, main_branch=True), VersionSelector(provider)]
    for other in others:
        rows = [row for row in _rows(broker, asked, other) if _is_between(row, asked.pacticipant, provider)]
        if found := next((row for row in rows if _verdict(row) is not None), None):
            return found
    return None


def _newest_failure(broker: BrokerClient, consumer: str, provider: str) -> Iterator[str]:
    rows = _rows(broker, VersionSelector(consumer), VersionSelector(provider), only_failed=True)
    for row in rows[:1]:
        yield (
            f"The newest failure between the two: why_did_it_fail with consumer_version "
            f"{quoted(row['consumer']['version']['number'])}, provider_version "
            f"{quoted(row['provider']['version']['number'])}."
        )


def _rows(
    broker: BrokerClient, *selectors: VersionSelector, only_failed: bool = False
) -> list[Mapping[str, Any]]:
    """Return the newest rows, or all that failed: a limit counts those that passed as well."""
    pairs = [pair for selector in selectors for pair in selector.parameters()]
    pairs += [("latestby", "cvpv"), *([("success[]", "false"), ALL_ROWS] if only_failed else [])]
    rows: list[Mapping[str, Any]] = ask(broker, pairs, _ONCE).state.get("matrix") or []
    return rows


def _is_of(row: Mapping[str, Any], provider: str) -> bool:
    return bool(row["provider"]["name"] == provider)


def _distinct(rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return one row for each result: several versions of a consumer may have the same pact."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        found.setdefault(_METADATA.sub("", str(_listed(row)["result"])), row)
    return list(found.values())


def _is_between(row: Mapping[str, Any], consumer: str, provider: str) -> bool:
    """Whether it is about a pact of the two: a service contract of the provider has a row as well."""
    is_pact = row.get("tally:kind") not in _WITHOUT_PACT
    return is_pact and _is_of(row, provider) and bool(row["consumer"]["name"] == consumer)


def _verdict(row: Mapping[str, Any]) -> bool | None:
    success: bool | None = (row.get("verificationResult") or {}).get("success")
    return success


def _listed(row: Mapping[str, Any]) -> Json:
    result = row.get("verificationResult") or {}
    return {
        "consumer": row["consumer"]["name"],
        "consumer_version": row["consumer"]["version"]["number"],
        "provider_version": row["provider"]["version"]["number"],
        "verified_at": result.get("verifiedAt"),
        "result": ((result.get("_links") or {}).get("self") or {}).get("href"),
    }


def _explained(broker: BrokerClient, url: str, page: int) -> Answer:
    found = broker.get(url)
    if "interactions" in found.state and "verdict" in found.state:
        return explained_comparison(broker, found, page)
    return explained_result(broker, found, page)
