"""Which headers belong in a draft: those that are about this request, not about every one."""

import re
from collections.abc import Mapping

from tally.drafts.exchanges import Fields
from tally.drafts.path_templates import read_path
from tally.drafts.secrets import REDACTED, redacted_header
from tally.drafts.text_kinds import TYPE, Rule, rule_for_texts
from tally.values import dataclass

_OF_TRANSPORT = (
    *(
        "alt-svc",
        "alt-used",
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "expect",
        "forwarded",
    ),
    *("host", "http2-settings", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"),
    *("upgrade", "via", "x-forwarded-.*", "x-real-ip", "early-data", "priority", ":.*"),
)
_OF_TRACES = (
    *(
        "traceparent",
        "tracestate",
        "traceresponse",
        "baggage",
        "sentry-trace",
        "uber-trace-id",
        "x-b3-.*",
        "b3",
    ),
    *(
        ".*request-?id",
        ".*correlation-?id",
        ".*trace-?id",
        "x-amzn-.*",
        "x-amz-cf-.*",
        "x-datadog-.*",
        "cf-.*",
    ),
    *(
        "x-cloud-trace-context",
        "server-timing",
        "x-runtime",
        "x-response-time",
        "x-envoy-.*",
        "x-newrelic-.*",
    ),
)
_OF_REQUESTS = (
    *(
        "accept-encoding",
        "accept-language",
        "accept-charset",
        "cache-control",
        "dnt",
        "if-.*",
        "origin",
        "pragma",
    ),
    *(
        "referer",
        "sec-.*",
        "upgrade-insecure-requests",
        "user-agent",
        "access-control-request-.*",
        "postman-token",
    ),
    *("purpose", "save-data", "x-requested-with", "idempotency-key"),
)
_OF_RESPONSES = (
    *(
        "accept-ranges",
        "access-control-.*",
        "age",
        "cache-control",
        "content-security-policy.*",
        "etag",
        "expires",
    ),
    *(
        "last-modified",
        "nel",
        "permissions-policy",
        "pragma",
        "referrer-policy",
        "report-to",
        "server",
        "vary",
    ),
    *(
        "strict-transport-security",
        "timing-allow-origin",
        "x-cache.*",
        "x-content-type-options",
        "x-powered-by",
    ),
    *(
        "x-frame-options",
        "x-rate-?limit.*",
        "ratelimit.*",
        "x-served-by",
        "x-timer",
        "x-xss-protection",
        "x-aspnet.*",
    ),
    *("cross-origin-.*", "x-permitted-cross-domain-policies", "x-dns-prefetch-control", "x-download-options"),
    *("reporting-endpoints", "accept-ch", "content-md5", "digest", "p3p", "set-cookie2?", "x-ua-compatible"),
)


def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(names), re.IGNORECASE)


_LEFT_OUT = {
    "request": _any_of(_OF_TRANSPORT + _OF_TRACES + _OF_REQUESTS),
    "response": _any_of(_OF_TRANSPORT + _OF_TRACES + _OF_RESPONSES),
}


@dataclass(frozen=True)
class DraftedHeaders:
    """The headers of a draft with their rules, by name; *redacted* and *cookies* are places of secrets."""

    values: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, Rule]
    redacted: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()


def drafted_headers(side: str, samples: list[Fields]) -> DraftedHeaders:
    """Return the headers of the first of *samples* that belong in a draft; *side* is request or response.

    A header that others of the samples do not have is left out.
    """
    by_sample = [_by_name(sample) for sample in samples]
    values: dict[str, tuple[str, ...]] = {}
    rules: dict[str, Rule] = {}
    redacted = []
    for plain, (name, found) in by_sample[0].items():
        is_everywhere = all(plain in sample for sample in by_sample)
        if _LEFT_OUT[side].fullmatch(plain) or not is_everywhere:
            continue
        clean = tuple(_clean(plain, value) for value in found)
        if clean != found and any(REDACTED in value for value in clean):
            redacted.append(name)
        seen = [value for sample in by_sample for value in sample[plain][1]]
        rule = _rule(plain, clean, seen, side)
        values[name] = clean
        if rule:
            rules[name] = rule
    return DraftedHeaders(values, rules, tuple(redacted), _cookies(side, by_sample[0]))


def _by_name(fields: Fields) -> dict[str, tuple[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, value in fields:
        known, values = found.get(name.lower(), (name, ()))
        found[name.lower()] = known, (*values, value)
    return found


def _clean(name: str, value: str) -> str:
    if name == "content-type":
        return value.partition(";")[0].strip()
    if name == "location":
        origin, path, rest = _split(value)
        return origin + read_path(path).path + redacted_header(name, rest)
    return redacted_header(name, value)


def _rule(name: str, clean: tuple[str, ...], seen: list[str], side: str) -> Rule | None:
    """Return the rule for a header; a request's is exact, unless it is a secret or varies."""
    if name == "content-type":
        return None
    if name == "location":
        return _location_rule(clean[0])
    if any(REDACTED in value for value in clean):
        prefix = clean[0].partition(REDACTED)[0] if name.endswith("authorization") else ""
        return {"match": "regex", "regex": f"^{re.escape(prefix).replace(chr(92) + ' ', ' ')}.+$"}
    rule = rule_for_texts(seen)
    if side == "response" and all(value.isdigit() for value in seen):
        return {"match": "regex", "regex": r"^\d+$"}
    return rule if side == "response" or rule is not TYPE or len(set(seen)) > 1 else None


def _location_rule(location: str) -> Rule:
    """Accept the address with and without the origin, which is another one where the provider is verified."""
    _, path, rest = _split(location)
    expression = read_path(path).expression or f"^{re.escape(path)}$".replace(r"\-", "-")
    return {"match": "regex", "regex": rf"^(https?://[^/]+)?{expression[1:-1]}{'.*' if rest else ''}$"}


def _split(address: str) -> tuple[str, str, str]:
    origin = re.match(r"(?:https?:)?//[^/?#]+", address)
    rest = address[origin.end() :] if origin else address
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    return re.sub(r"//[^/@]*@", "//", origin[0]) if origin else "", path, rest[len(path) :]


def _cookies(side: str, headers: Mapping[str, tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """Return the names of the cookies that a response sets; their values are never kept."""
    _, values = headers.get("set-cookie", ("", ())) if side == "response" else ("", ())
    names = (line.partition("=")[0].strip() for value in values for line in value.split("\n"))
    return tuple(name for name in names if name)
