"""Documents of issuers of id tokens: their configuration and their keys, fetched as a stranger's.

Only https, to an address that was checked, for 5 seconds, up to 256 KiB; redirects are not followed.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from broker.domain import limits
from broker.services.outgoing.connection import OutgoingRequest, SendingError
from broker.services.outgoing.rules import SendingRules
from broker.services.outgoing.send import send
from tally import json_text

Fetch = Callable[[str], Mapping[str, Any]]
"""Returns the JSON object at an address. Raises IssuerError."""
_URL: Final = re.compile(r"[!-~]+")


class IssuerError(Exception):
    """An issuer gives no usable answer; the text says why, for the operator and for who is trusted by it."""


def fetcher(rules: SendingRules) -> Fetch:
    """Return what fetches documents by these rules."""

    def fetch(url: str) -> Mapping[str, Any]:
        return fetch_document(url, rules)

    return fetch


def fetch_document(url: str, rules: SendingRules) -> Mapping[str, Any]:
    """Return the JSON object at an address. Raises IssuerError."""
    reason = unacceptable_address(url)
    if reason:
        raise IssuerError(f"{url} {reason}")
    headers = {"host": urlsplit(url).netloc, "accept": "application/json", "user-agent": "Tallystick"}
    try:
        answer = send(OutgoingRequest("GET", url, headers, b""), rules)
    except SendingError as error:
        raise IssuerError(f"{url} cannot be asked: {error}") from error
    if answer.status != HTTPStatus.OK:
        raise IssuerError(f"{url} answered {answer.status}, where 200 was expected")
    if answer.is_cut:
        raise IssuerError(f"{url} answered more than {rules.kilobytes} KiB")
    try:
        found = json_text.read_plainly(answer.body.decode())
    except (ValueError, RecursionError) as error:
        raise IssuerError(f"{url} did not answer JSON") from error
    if not isinstance(found, dict):
        raise IssuerError(f"{url} did not answer a JSON object")
    return found


def unacceptable_address(url: str) -> str | None:
    """Return why nothing is fetched from an address, whatever the rules, or None.

    http is for loopback alone, which the rules must list as well.
    """
    if len(url) > limits.URL or not _URL.fullmatch(url):
        return f"must be an address of at most {limits.URL} characters, without spaces"
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is not an address"
    if not is_complete or "@" in parts.netloc or parts.query or "?" in url or "#" in url:
        return "must be an address without user, query and fragment"
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return None
    return "must begin with https://"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
