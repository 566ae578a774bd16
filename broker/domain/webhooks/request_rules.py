"""Which requests a webhook may have (reference §10.1)."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from broker.domain import limits
from broker.domain.text_rules import too_long
from broker.domain.webhooks import allowed_hosts
from broker.domain.webhooks.template_rules import broken_parameters
from broker.domain.webhooks.webhook import WebhookRequest
from tally.values import dataclass

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UUID = re.compile(r"[A-Za-z0-9_-]{16,}\Z")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_OURS = {"content-length", "transfer-encoding", "connection", "x-tally-signature", "x-tally-delivery"}


@dataclass(frozen=True)
class Allowed:
    """What the operator allows: methods, schemes, and hosts, where none means all."""

    methods: tuple[str, ...]
    schemes: tuple[str, ...]
    hosts: tuple[str, ...] = ()


def broken_rules(request: WebhookRequest, allowed: Allowed) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with the request: field and message."""
    found = (
        ("method", _broken_rule_of_method(request.method, allowed)),
        ("url", _broken_rule_of_url(request.url, allowed)),
        *(("headers", _broken_rule_of_header(*item)) for item in request.headers.items()),
    )
    yield from ((field, message) for field, message in found if message is not None)
    for field, texts in request.templates:
        yield from ((field, message) for message in broken_parameters(texts))


def _broken_rule_of_method(method: str, allowed: Allowed) -> str | None:
    if method not in METHODS:
        return "is not a recognised HTTP method"
    if allowed.methods and method not in allowed.methods:
        return f"must be {' or '.join(allowed.methods)}: TALLY_WEBHOOK_HTTP_METHOD_WHITELIST allows no other"
    return None


def _broken_rule_of_header(header: str, value: str) -> str | None:
    if not _HEADER.match(header):
        return f"'{header}' is not the name of a header"
    if header in _OURS:
        return f"'{header}' is set by the broker"
    if any(character < " " or character == "\x7f" for character in value):
        return f"the value of '{header}' cannot contain multiple lines, a tab or a control character"
    if len(header) > limits.NAME:
        return f"the name '{header[:20]}…' {too_long(header, limits.NAME)}"
    if len(value) > limits.SECRET:
        return f"the value of '{header}' {too_long(value, limits.SECRET)}"
    return None


def _broken_rule_of_url(url: str, allowed: Allowed) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_url = bool(host) and parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or any(character <= " " for character in url):
        return "is not a valid URL eg. http://example.org"
    rules = (
        ("${" in parts.netloc, "cannot have a template parameter in the host"),
        ("@" in parts.netloc, "cannot have credentials: give them as username and password"),
        (
            allowed.schemes and parts.scheme not in allowed.schemes,
            f"must begin with {' or '.join(allowed.schemes)}: TALLY_WEBHOOK_SCHEME_WHITELIST allows no other",
        ),
        (
            not allowed_hosts.is_listed(host, allowed.hosts),
            f"'{host}' is not among the hosts that webhooks may be sent to: {' '.join(allowed.hosts)}",
        ),
    )
    return next((message for is_broken, message in rules if is_broken), None)
