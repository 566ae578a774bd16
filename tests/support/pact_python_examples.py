"""The interactions of pact-python's examples, declared through pact-python and through ours.

They are what the examples of pact-python 4 declare, in our words and with names of our own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pact

from consumer_sdk import bodies, match
from consumer_sdk.declarations import Declaration, HttpDeclaration, MessageDeclaration

JPEG = bytes.fromhex("ffd8ffe000104a464946000102")
_BOUNDARY = "a-boundary"
_PARTS = (
    (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="test.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode()
    + JPEG
    + f"\r\n--{_BOUNDARY}--\r\n".encode()
)


@dataclass(frozen=True)
class Pair:
    """The same interaction twice; *differs* are the places where the documents differ, and why."""

    name: str
    theirs: Callable[[pact.Pact], Any]
    ours: Callable[[], Declaration]
    differs: dict[str, str]


def _request(name: str) -> HttpDeclaration:
    return HttpDeclaration(name)


def _message(name: str) -> MessageDeclaration:
    return MessageDeclaration(name, lambda *_: None)


_NO_VALUE = "theirs has another example in each run; ours is declared"

PAIRS = [
    Pair(
        "a user",
        lambda contract: (
            contract.upon_receiving("a user")
            .given("the user exists", id=123, name="Alice")
            .with_request("GET", "/users/123")
            .will_respond_with(200)
            .with_body(
                {
                    "id": pact.match.int(123),
                    "name": pact.match.str("Alice"),
                    "created_on": pact.match.datetime(),
                },
                content_type="application/json",
            )
        ),
        lambda: (
            _request("a user")
            .given("the user exists", id=123, name="Alice")
            .with_request("GET", "/users/123")
            .will_respond_with(
                200,
                body={
                    "id": match.integer(123),
                    "name": match.like("Alice"),
                    "created_on": match.timestamp("2026-01-05T09:30:00+0000", "yyyy-MM-dd'T'HH:mm:ssZ"),
                },
            )
        ),
        {"response.body.content.created_on": _NO_VALUE, "response.generators": _NO_VALUE},
    ),
    Pair(
        "an unknown user",
        lambda contract: (
            contract.upon_receiving("an unknown user")
            .given("the user doesn't exist", id=123)
            .with_request("GET", "/users/123")
            .will_respond_with(404)
            .with_body({"detail": "User not found"}, content_type="application/json")
        ),
        lambda: (
            _request("an unknown user")
            .given("the user doesn't exist", id=123)
            .with_request("GET", "/users/123")
            .will_respond_with(404, body={"detail": "User not found"})
        ),
        {},
    ),
    Pair(
        "a new user",
        lambda contract: (
            contract.upon_receiving("a new user")
            .with_request("POST", "/users")
            .with_body({"name": "Bob"}, content_type="application/json")
            .will_respond_with(201)
            .with_body({"id": pact.match.int(1000), "name": "Bob"}, content_type="application/json")
        ),
        lambda: (
            _request("a new user")
            .with_request("POST", "/users", body={"name": "Bob"})
            .will_respond_with(201, body={"id": match.integer(1000), "name": "Bob"})
        ),
        {},
    ),
    Pair(
        "a deletion",
        lambda contract: (
            contract.upon_receiving("a deletion")
            .given("the user exists", id=124, name="Bob")
            .with_request("DELETE", "/users/124")
            .will_respond_with(204)
        ),
        lambda: (
            _request("a deletion")
            .given("the user exists", id=124, name="Bob")
            .with_request("DELETE", "/users/124")
            .will_respond_with(204)
        ),
        {},
    ),
    Pair(
        "a user as XML",
        lambda contract: (
            contract.upon_receiving("a user as XML")
            .given("the user exists", id=123, name="Alice")
            .with_request("GET", "/users/123")
            .with_header("Accept", "application/xml")
            .will_respond_with(200)
            .with_body("<user><id>123</id></user>", content_type="application/xml")
        ),
        lambda: (
            _request("a user as XML")
            .given("the user exists", id=123, name="Alice")
            .with_request("GET", "/users/123", headers={"Accept": "application/xml"})
            .will_respond_with(200, body=bodies.xml("<user><id>123</id></user>"))
        ),
        {},
    ),
    Pair(
        "an upload",
        lambda contract: (
            contract.upon_receiving("an upload")
            .with_request("POST", "/upload")
            .with_header(
                "Content-Type",
                pact.match.regex(
                    f"multipart/form-data; boundary={_BOUNDARY}",
                    regex=r"multipart/form-data;(\s*charset=[^;]*;)?\s*boundary=.*",
                ),
            )
            .with_binary_body(_PARTS, f"multipart/form-data; boundary={_BOUNDARY}")
            .with_matching_rules({"body": {"$.image": pact.match.content_type("image/jpeg")}})
            .will_respond_with(201)
            .with_body({"image_size": len(JPEG)})
        ),
        lambda: (
            _request("an upload")
            .with_request(
                "POST",
                "/upload",
                body=bodies.multipart({"image": bodies.file(JPEG, "image/jpeg", name="test.jpg")}),
            )
            .will_respond_with(201, body={"image_size": len(JPEG)})
        ),
        {
            "request.body.content": "the boundary follows from the parts",
            "request.body.contentType": "the boundary follows from the parts",
            "request.headers.Content-Type": "the boundary follows from the parts",
        },
    ),
    Pair(
        "a query",
        lambda contract: (
            contract.upon_receiving("a query")
            .with_request("GET", "/users")
            .with_query_parameter("sort", "name")
            .with_query_parameter("page", pact.match.int(1))
            .with_header("X-Trace", pact.match.regex("t1", regex=r"t\d"))
            .will_respond_with(200)
            .with_header("X-Left", "5")
            .with_body(
                {
                    "users": pact.match.each_like({"id": pact.match.int(1)}, min=2),
                    "any": pact.match.array_containing([pact.match.str("x"), pact.match.int(1)]),
                    "by_id": pact.match.each_value_matches({"a": 1}, rules=pact.match.int(1)),
                    "text": pact.match.includes("ada"),
                    "day": pact.match.date("2026-01-05", "yyyy-MM-dd", disable_conversion=True),
                }
            )
        ),
        lambda: (
            _request("a query")
            .with_request(
                "GET",
                "/users",
                query={"sort": "name", "page": match.integer(1)},
                headers={"X-Trace": match.regex("t1", r"t\d")},
            )
            .will_respond_with(
                200,
                headers={"X-Left": "5"},
                body={
                    "users": match.each_like({"id": match.integer(1)}, minimum=2),
                    "any": match.array_containing(match.like("x"), match.integer(1)),
                    "by_id": match.each_value({"a": 1}, match.integer(1)),
                    "text": match.includes("ada"),
                    "day": match.date("2026-01-05"),
                },
            )
        ),
        {"response.body.content.users": "ours has as many examples as its rule wants"},
    ),
    Pair(
        "a document was written",
        lambda contract: (
            contract.upon_receiving("a document was written", "Async")
            .given("a document was written")
            .with_body({"event": "ObjectCreated:Put", "creator": "TP"}, "application/json")
            .with_metadata({"topic": "documents"})
        ),
        lambda: (
            _message("a document was written")
            .given("a document was written")
            .with_content({"event": "ObjectCreated:Put", "creator": "TP"})
            .with_metadata(topic="documents")
        ),
        {},
    ),
]
"""What the examples declare."""


def _body(
    text: Any, content_type: str, **ours: Any
) -> tuple[Callable[[pact.Pact], Any], Callable[[], Declaration]]:
    return (
        lambda contract: (
            contract.upon_receiving("it")
            .with_request("POST", "/")
            .with_body(text, content_type)
            .will_respond_with(200)
        ),
        lambda: _request("it").with_request("POST", "/", **ours).will_respond_with(200),
    )


LOSSES = [
    Pair(
        "an empty text",
        *_body("", "text/plain", body=""),
        {"request.body.content": "the core writes two quotation marks"},
    ),
    Pair(
        "a text of YAML",
        *_body("a: 1", "application/yaml", body="a: 1", headers={"Content-Type": "application/yaml"}),
        {"request.body.content": "a text stays a text", "request.body.encoded": "a text stays a text"},
    ),
    Pair(
        "digits",
        *_body(
            '{"a": 2.30}',
            "application/json",
            body='{"a": 2.30}',
            headers={"Content-Type": "application/json"},
        ),
        {"request.body.content": "numbers keep their digits"},
    ),
    Pair(
        "a key of digits",
        *_body({"0": pact.match.int(1)}, "application/json", body={"0": match.integer(1)}),
        {"request.matchingRules.body": "the core names the item 0 of a list"},
    ),
    Pair(
        "a charset",
        *_body(
            "a", "text/plain; charset=utf-8", body="a", headers={"Content-Type": "text/plain; charset=utf-8"}
        ),
        {
            "request.body.contentType": "the type is written as it is declared",
            "request.headers.Content-Type": "the type is written as it is declared",
        },
    ),
    Pair(
        "rules of one value of several",
        lambda contract: (
            contract.upon_receiving("it")
            .with_request("GET", "/")
            .with_query_parameter("tag", "a")
            .with_query_parameter("tag", pact.match.regex("b", regex="[bc]"))
            .will_respond_with(200)
        ),
        lambda: (
            _request("it")
            .with_request("GET", "/", query={"tag": ["a", match.regex("b", "[bc]")]})
            .will_respond_with(200)
        ),
        {"request.matchingRules.query": "the core writes one rule for all values, which the example breaks"},
    ),
]
"""Where the core loses what is declared."""
