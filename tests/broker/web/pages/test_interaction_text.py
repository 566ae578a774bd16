"""An interaction as text that a person reads: lines, with what applies to each beside it."""

import subprocess

import pytest

from broker.domain.overview.pact_page import JudgedInteraction
from broker.domain.pacts.reading import InteractionKind, ReadInteraction
from broker.domain.verifications.interaction_outcomes import InteractionOutcome, Problem
from broker.web.pages.pacts.body_lines import Annotations, body_lines
from broker.web.pages.pacts.curl import curl, shell_word
from broker.web.pages.pacts.interaction_text import sides
from broker.web.pages.pacts.line_markup import lines as as_html
from broker.web.pages.pacts.rules_in_words import rule_in_words
from tally.pact import (
    Body,
    HttpInteraction,
    Interaction,
    MatchingRules,
    Message,
    MessageInteraction,
    Presence,
    Request,
    Response,
    Rule,
    RuleSet,
    SynchronousMessageInteraction,
)

ONE = RuleSet((Rule("integer"),))
HOSTILE = [
    "'; rm -rf / #",
    '$(id) `id` \\ "',
    "\x1b[201~\nid\n",
    "\t\r!x",
    "ünï 日本",
    "-o",
    "@/etc/passwd",
    "'\\''",
]


def json_body(value):
    return Body(Presence.PRESENT, value, "application/json")


def judged(interaction: Interaction, *problems: Problem) -> JudgedInteraction:
    read = ReadInteraction("1", "k", "1", InteractionKind.HTTP, interaction)
    return JudgedInteraction(read, InteractionOutcome(success=not problems, problems=problems))


def of_sides(interaction, *problems):
    """Return the lines of each side: the text, and what is beside it if there is anything."""
    return [
        [
            (line.text, *line.notes, *(problem.text for problem in line.problems))
            if line.notes or line.problems
            else line.text
            for part in side.parts
            for line in part.lines
        ]
        for side in sides(judged(interaction, *problems)).sides
    ]


def body(value, rules=(), problems=(), generators=None):
    annotations = Annotations(dict(rules), generators or {}, problems)
    return body_lines(json_body(value), annotations)


def test_a_request_reads_as_it_is_sent():
    query = {"expand": ("items", "the rest & more"), "all": (None,)}
    headers = {"Accept": ("text/plain", "application/json")}
    request = Request("post", "/orders", query, headers, json_body({"name": "Zoë"}))

    read, _ = of_sides(HttpInteraction("a", request=request))

    assert read == [
        "POST /orders?expand=items&expand=the rest %26 more&all",
        "Accept: text/plain, application/json",
        "",
        "{",
        '  "name": "Zoë"',
        "}",
    ]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (Body(), []),
        (Body(Presence.EMPTY), []),
        (Body(Presence.NULL), ["", "null"]),
        (Body(Presence.PRESENT, "Hello\nyou", "text/plain"), ["", "Hello", "you"]),
        (json_body("Hello"), ["", '"Hello"']),
        (json_body([]), ["", "[]"]),
        (json_body([{}, None, True, 1.5]), ["", "[", "  {},", "  null,", "  true,", "  1.5", "]"]),
        (Body(Presence.PRESENT, b"\x00" * 1200, "image/png"), ["", "1,200 bytes of image/png"]),
        (Body(Presence.PRESENT, b"\x00", None), ["", "1 byte of unknown content"]),
    ],
)
def test_a_body_is_shown_by_its_kind(content, lines):
    _, read = of_sides(HttpInteraction("a", response=Response(200, body=content)))

    assert read == ["status 200", *lines]


def test_messages_and_replies_have_their_metadata_before_their_content():
    message = Message(json_body(1), {"topic": "orders", "retries": 3})
    synchronous = SynchronousMessageInteraction("a", request=message, responses=(Message(), message))

    assert of_sides(MessageInteraction("a", message=message)) == [["topic: orders", "retries: 3", "", "1"]]
    assert of_sides(synchronous)[1:] == [[], ["topic: orders", "retries: 3", "", "1"]]
    assert of_sides(Interaction("a")) == []


def test_each_rule_and_generator_stands_beside_what_it_applies_to():
    request = Request(
        "GET",
        "/orders/1",
        {"q": ("1",)},
        {"X-Id": ("1",)},
        rules=MatchingRules(header={"x-id[0]": ONE, "x-other": ONE}, query={"q": ONE}, path=ONE, method=ONE),
        generators={
            "path": {"type": "RandomInt", "min": 1},
            "header": {"X-Id": {"type": "Uuid"}},
            "query": 1,
        },
    )
    response = Response(rules=MatchingRules(status=ONE), generators={"status": {"$": {"type": "RandomInt"}}})

    read, answer = of_sides(HttpInteraction("a", request=request, response=response))

    assert read == [
        (
            "GET /orders/1?q=1",
            *(
                "method: an integer",
                "path: an integer",
                "path: generated: RandomInt (min 1)",
                "q: an integer",
            ),
        ),
        ("X-Id: 1", "an integer", "generated: Uuid"),
        ("x-other: …", "an integer"),
    ]
    assert answer == [("any status", "status: an integer", "status: generated: RandomInt")]


def test_rules_of_a_body_stand_beside_their_lines_and_others_below():
    value = {"items": [{"id": 1}, {"id": 2}], "unit price": 3}
    rules = {
        "$": ONE,
        "$.items": RuleSet((Rule("type", {"min": 1}),)),
        "$.items[*].id": ONE,
        "$['unit price']": ONE,
        "$.items[*].name": ONE,
        "$.*": ONE,
    }

    found = body(value, rules, generators={"$.items[1].id": {"type": "RandomInt"}})

    (part,) = found.parts
    assert [(line.text.strip(), line.notes) for line in part.lines if line.notes] == [
        ("{", ("an integer",)),
        ('"items": [', ("same type, at least 1", "an integer")),
        ('"id": 1', ("an integer",)),
        ('"id": 2', ("an integer", "generated: RandomInt")),
        ('"unit price": 3', ("an integer", "an integer")),
    ]
    assert found.notes == [("$.items[*].name", "an integer")]


def test_a_problem_stands_beside_its_line_or_that_of_what_is_around_it():
    problems = [
        Problem("", "wrong", attribute="body", path="$.items[0].id"),
        Problem("", "too many", attribute="body", path="$.items[7].id"),
        Problem("", "whatever", attribute="body", path="not a path"),
        Problem("", "no place", attribute="body"),
    ]

    found = body({"items": [{"id": 1}]}, problems=problems)

    (part,) = found.parts
    beside = {
        line.text.strip(): [item.text for item in line.problems] for line in part.lines if line.problems
    }
    assert beside == {"{": ["no place"], '"id": 1': ["wrong"], '"items": [': ["too many"]}
    assert [item.text for item in found.problems] == ["whatever"]


def test_problems_of_status_headers_and_metadata_stand_beside_them():
    status, header, other = (
        Problem("", text, attribute=attribute, path=path)
        for text, attribute, path in (("1", "status", ""), ("2", "header", "etag"), ("3", "header", "X"))
    )
    response = Response(200, {"ETag": ("a",)})

    _, answer = of_sides(HttpInteraction("a", response=response), status, header, other)

    assert answer == [("status 200", "1"), ("ETag: a", "2"), ("X: …", "3")]
    metadata = Problem("", "4", attribute="metadata", path="topic")
    assert of_sides(MessageInteraction("a", message=Message(metadata={"topic": "t"})), metadata) == [
        [("topic: t", "4")]
    ]


def test_a_long_body_is_folded_around_its_problems():
    value = {f"key {number}": number for number in range(100)}
    problem = Problem("", "wrong", attribute="body", path="$['key 50']")

    found = body(value, problems=[problem])
    without = body(value)

    assert [(part.folded, len(part.lines)) for part in found.parts] == [(True, 46), (False, 11), (True, 45)]
    assert [(part.folded, len(part.lines)) for part in without.parts] == [(False, 20), (True, 82)]


def test_of_an_endless_body_the_beginning_is_shown():
    found = body(list(range(100_000)))

    lines = [line.text for part in found.parts for line in part.lines]
    assert len(lines) == 5_001
    assert lines[-1] == "… and 95,002 more lines"


def test_html_in_any_text_stays_text():
    evil = "<script>alert(1)</script>"
    problem = Problem("", evil, evil, evil, "body", "$.a")

    found = body({"a": evil}, {"$.a": RuleSet((Rule("regex", {"regex": evil}),))}, [problem])

    html = as_html(found.parts[0].lines)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 4


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("type"), "same type"),
        (Rule("type", {"min": 2}), "same type, at least 2"),
        (Rule("type", {"max": 3}), "same type, at most 3"),
        (Rule("type", {"min": 0, "max": 3}), "same type, 0 to 3"),
        (Rule("regex", {"regex": r"\d+"}), r"matches \d+"),
        (Rule("include", {"value": "tea"}), "contains tea"),
        (Rule("date", {"format": "yyyy"}), "a date in the form yyyy"),
        (Rule("timestamp", {"timestamp": "yyyy"}), "a date and time in the form yyyy"),
        (Rule("time"), "a time"),
        (Rule("integer"), "an integer"),
        (Rule("eachKey", {"rules": [{"match": "regex", "regex": "x"}]}), "each key: matches x"),
        (Rule("eachValue", {"rules": [{"match": "type"}, 1]}), "each value: same type"),
        (Rule("eachValue"), "eachValue"),
        (Rule("statusCode", {"status": "success"}), "statusCode (status success)"),
    ],
)
def test_a_rule_is_told_in_words(rule, words):
    assert rule_in_words(RuleSet((rule,))) == words


def test_rules_of_one_place_are_joined_as_they_are_combined():
    assert rule_in_words(RuleSet((Rule("integer"), Rule("null")), "OR")) == "an integer or null"


def test_a_shell_reads_each_word_as_it_was():
    words = " ".join(map(shell_word, HOSTILE))

    printed = subprocess.run(["bash", "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True)

    assert printed.stdout.decode().split("\0")[:-1] == HOSTILE
    assert not any(ord(character) < 32 for character in words)


def test_a_command_sends_what_the_pact_says():
    request = Request(
        "POST", "/a b/[1]", {"q": ("x&y", "{}"), "z": (None,)}, {"X": ("1",)}, json_body({"a": "it's"})
    )

    assert curl(request) == (
        "curl -i -g 'http://localhost:8080/a%20b/%5B1%5D?q=x%26y&q=%7B%7D&z' -H 'X: 1'"
        """ --data-raw '{"a":"it'"'"'s"}'"""
    )
    assert curl(Request("GET", "/")) == "curl -i -g http://localhost:8080/"
    assert curl(Request("DELETE", "/", body=json_body("x" * 5_000))).endswith("/ --data-binary @body")
    assert curl(Request("PUT", "/", body=Body(Presence.PRESENT, b"\0"))).startswith("curl -i -g -X PUT ")
    assert curl(Request("POST", "/", body=Body(Presence.NULL))).endswith("--data-raw null")
    assert curl(Request("POST", "/", body=Body(Presence.PRESENT, "a\nb", "text/plain"))).endswith("$'a\\nb'")
