"""Every matcher and generator in a body, with an answer that keeps its rule and one that breaks it."""

from dataclasses import dataclass
from typing import Any

from support.answering_provider import Answer

from consumer_sdk import bodies, generate, match

UUID = "8e2a5b1c-30f4-4cbd-9a3b-1b7c0d5f2a61"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@dataclass(frozen=True)
class MatcherCase:
    """A declared body, and what a provider may and may not answer; None is nothing that would break it."""

    name: str
    body: Any
    kept: Any
    broken: Any


def _case(name: str, matcher: Any, kept: Any, broken: Any) -> MatcherCase:
    """Return the case of a matcher at "$.it"."""
    return MatcherCase(name, {"it": matcher}, {"it": kept}, {"it": broken})


JSON = [
    _case("like", match.like("a"), "b", 1),
    _case("like object", match.like({"a": 1, "b": "x"}), {"a": 2, "b": "y"}, {"a": 2, "b": 3}),
    _case("equal", match.like({"a": match.equal(1), "b": 2}), {"a": 1, "b": 3}, {"a": 2, "b": 3}),
    _case(
        "each_like", match.each_like({"n": match.integer(1)}), [{"n": 2}, {"n": 3}], [{"n": 2}, {"n": "x"}]
    ),
    _case("each_like minimum", match.each_like(1, minimum=2), [1, 2, 3], [1]),
    _case("each_like maximum", match.each_like(1, minimum=0, maximum=2), [], [1, 2, 3]),
    _case(
        "array_containing", match.array_containing({"a": match.integer(1)}, "x"), ["z", "x", {"a": 7}], ["x"]
    ),
    _case("each_key", match.each_key({"tea": 1}, match.regex("tea", "^[a-z]+$")), {"milk": 2}, {"MILK": 2}),
    _case("each_value", match.each_value({"a": "x1"}, match.regex("x1", r"^x\d$")), {"b": "x2"}, {"b": "y2"}),
    _case(
        "each_value template",
        match.each_value({"tea": {"price": match.integer(2)}}),
        {"milk": {"price": 3}, "rice": {"price": 4}},
        {"milk": {"price": 3}, "rice": {"price": "x"}},
    ),
    _case(
        "each_key and each_value",
        match.each_key({"a": 1}, match.regex("a", "^[a-z]$")) & match.each_value({"a": 1}, match.integer(1)),
        {"b": 2},
        {"b": "x"},
    ),
    _case("regex", match.regex("open", "^(open|paid)$"), "paid", "lost"),
    _case("one_of", match.one_of("open", "p.d"), "p.d", "pad"),
    _case("one_of numbers", match.one_of(1, 23), 23, 2),
    _case("integer", match.integer(7), 8, 8.5),
    _case("decimal", match.decimal(4.5), 5.5, 5),
    _case("number", match.number(7), 8.5, "8"),
    _case("boolean", match.boolean(True), False, "yes"),  # noqa: FBT003 - the example
    _case("null", match.null(), None, 1),
    _case("includes", match.includes("tea"), "green tea", "milk"),
    _case("not_empty", match.not_empty("a"), "b", ""),
    _case("not_empty list", match.not_empty([1]), [2], []),
    _case("semver", match.semver("1.2.3"), "2.0.0-rc.1", "2"),
    _case("uuid", match.uuid(UUID), UUID.upper(), UUID[1:]),
    _case("ipv4", match.ipv4("192.0.2.1"), "10.0.0.255", "10.0.0.256"),
    _case("ipv6", match.ipv6("2001:db8::1"), "::1", "2001:db8"),
    _case("hexadecimal", match.hexadecimal("c0ffee"), "00FF", "coffee"),
    _case("base64", match.base64("aGVsbG8="), "AAAA", "aGVsbG8"),
    _case("url", match.url("https://example.org/a?b=1"), "http://localhost:80", "/a"),
    _case("date", match.date("2026-01-05"), "2025-12-31", "31.12.2025"),
    _case("date format", match.date("05.01.2026", "dd.MM.yyyy"), "31.12.2025", "2025-12-31"),
    _case("time", match.time("09:30:00"), "23:59:59", "24:61"),
    _case("timestamp", match.timestamp("2026-01-05T09:30:00+00:00"), "2025-01-05T09:30:00Z", "2025-01-05"),
    _case("any_of", match.integer(7) | match.null(), None, "x"),
    _case("any_of texts", match.ipv4("192.0.2.1") | match.ipv6("::1"), "::2", "x"),
    _case(
        "all_of",
        match.includes("tea", "green tea") & match.regex("green tea", "^green.*$"),
        "green tea!",
        "tea",
    ),
    _case("a key of digits", {"0": match.integer(1)}, {"0": 2}, {"0": "x"}),
    _case(
        "a key with a dot", {"a.b": {"@c d": match.integer(1)}}, {"a.b": {"@c d": 2}}, {"a.b": {"@c d": "x"}}
    ),
    _case("random_int", generate.random_int(7, maximum=9), 8, "8"),
    _case("random_decimal", generate.random_decimal(4.5, digits=3), 5.25, "5"),
    _case("random_hexadecimal", generate.random_hexadecimal("c0ffee", digits=6), "ABCDEF", "xyz"),
    _case("random_string", generate.random_string("abc", size=3), "xyz", 1),
    _case("random_boolean", generate.random_boolean(True), False, 1),  # noqa: FBT003 - the example
    _case("generated regex", generate.regex("a1", r"^a\d$"), "a2", "b2"),
    _case("generated uuid", generate.uuid(UUID), UUID.upper(), "x"),
    _case(
        "generated uuid in capitals", generate.uuid(UUID.upper(), "upper-case-hyphenated"), UUID.upper(), "x"
    ),
    _case("generated date", generate.date("2026-01-05", expression="today + 1 week"), "2025-12-31", "x"),
    _case("generated time", generate.time("09:30:00"), "10:00:00", "x"),
    _case("generated timestamp", generate.timestamp("2026-01-05T09:30:00Z"), "2025-01-05T09:30:00Z", "x"),
    _case(
        "mock_server_url", generate.mock_server_url("http://localhost/a/7", ".*(/a/7)$"), "http://x/a/7", "/b"
    ),
    _case("provider_state", generate.provider_state("${number}", 7), 8, "x"),
    _case("like provider_state", match.like(generate.provider_state("${number}", 7)), 9, "x"),
]
"""At "$.it" of a JSON body. The state returns {"number": 8}."""


@dataclass(frozen=True)
class AnswerCase:
    """A declared answer without a body, and what a provider may and may not answer."""

    name: str
    declared: dict[str, Any]
    kept: Answer
    broken: Answer


def _header(name: str, value: Any, kept: Any, broken: Any) -> AnswerCase:
    """Return the case of the header X."""
    declared = {"status": 200, "headers": {"X": value}}
    sent = [Answer(headers=tuple(("X", each) for each in values)) for values in (kept, broken)]
    return AnswerCase(f"header {name}", declared, *sent)


def _status(name: str, example: int, allowed: Any, kept: int, broken: int) -> AnswerCase:
    """Return the case of a matcher of the status."""
    declared = {"status": match.status_code(example, allowed)}
    return AnswerCase(f"status {name}", declared, Answer(status=kept), Answer(status=broken))


ANSWERS = [
    _status("success", 200, "success", 204, 404),
    _status("redirect", 302, "redirect", 301, 200),
    _status("client error", 404, "clientError", 422, 500),
    _status("server error", 500, "serverError", 503, 404),
    _status("no error", 200, "nonError", 301, 404),
    _status("error", 404, "error", 500, 200),
    _status("one of several", 200, [200, 404], 404, 201),
    _header("equal", "a", ["a"], ["b"]),
    _header("regex", match.regex("a1", r"^a\d$"), ["a2"], ["b2"]),
    _header("integer", match.integer(1), ["2"], ["x"]),
    _header("of JSON", '{"value": "z"}', ['{"value": "z"}'], ["z"]),
    _header("several", ["a", "b"], ["a", "b"], ["a", "c"]),
    _header(
        "several alike",
        [match.regex("a1", r"^a\d$"), match.regex("a2", r"^a\d$")],
        ["a3", "a4"],
        ["a3", "b4"],
    ),
    _header("date", match.date("2026-01-05"), ["2025-12-31"], ["x"]),
]

IN_A_PART = "in JSON of a part"
"""What Pact's core does not look at."""
PARTS = bodies.multipart(
    {
        "photo": bodies.file(PNG, "image/png", name="ada.png"),
        "title": match.regex("Ada 1", r"^Ada \d$"),
        "size": {"width": match.integer(100), "unit": "px"},
    }
)
OTHERS = [
    MatcherCase("null as a body", match.null(), None, {"a": 1}),
    MatcherCase(f"a value {IN_A_PART}", PARTS, PARTS.value, PARTS.value.replace(b"px", b"em")),
    MatcherCase(
        f"a matcher {IN_A_PART}",
        PARTS,
        PARTS.value.replace(b"100", b"20"),
        PARTS.value.replace(b"100", b'"x"'),
    ),
    MatcherCase(
        "multipart", PARTS, PARTS.value.replace(b"Ada 1", b"Ada 2"), PARTS.value.replace(b"Ada 1", b"Bob")
    ),
    MatcherCase(
        "a file", PARTS, PARTS.value.replace(PNG, PNG + b"more"), PARTS.value.replace(PNG, b"GIF89a")
    ),
    MatcherCase("text", bodies.text(match.regex("total 7", r"^total \d$")), b"total 8", b"total x"),
    MatcherCase("binary", bodies.binary(PNG, "image/png"), PNG + b"more", b"GIF89a\x00\x00"),
    MatcherCase("same binary", bodies.binary(PNG, "image/png", same=True), PNG, PNG + b"more"),
    MatcherCase(
        "form", bodies.form({"a": match.integer(1), "b": ["x", "y"]}), b"a=2&b=x&b=y", b"a=z&b=x&b=y"
    ),
    MatcherCase(
        "xml",
        bodies.xml(
            '<order id="7"><item>tea</item></order>',
            {"$.order['@id']": match.regex("7", r"\d+"), "$.order.item['#text']": match.like("tea")},
        ),
        b'<order id="8"><item>milk</item></order>',
        b'<order id="x"><item>milk</item></order>',
    ),
]
