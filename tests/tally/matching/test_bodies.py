"""Bodies that differ as a whole, by their content type, and those that are not JSON."""

import pytest
from support.matching_examples import json_body, one, rules
from support.raw_pacts import document, http, only

from tally.matching import Mismatch, match_request, match_response
from tally.pact import Body, Presence, Request, Response, read_body


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        (json_body({"a": 1}), Body(), 'Expected the body {"a": 1}, but there is none'),
        (Body(Presence.NULL), json_body([1]), "Expected no body, but got [1]"),
        (Body(Presence.EMPTY, ""), json_body([1]), "Expected no body, but got [1]"),
        (
            json_body({"a": 1}),
            read_body(b"<h1>Oops</h1>", "text/html"),
            'Expected a body of the content type application/json, but got text/html: "<h1>Oops</h1>"',
        ),
        (
            Body(Presence.PRESENT, {"a": 1}),
            read_body(b"<h1>Oops</h1>", "text/html"),
            'Expected a body of the content type application/json, but got text/html: "<h1>Oops</h1>"',
        ),
        (
            json_body({"a": 1}),
            read_body(b'{"a": ', "application/json"),
            'Expected a body of JSON, but what came is not valid JSON: "{\\"a\\": "',
        ),
        (read_body(b"hi", "text/plain"), read_body(b"ho", "text/plain"), 'Expected "hi" at $, but got "ho"'),
        (
            read_body(b"\xff", "image/png"),
            read_body(b"\xfe\xff", "image/png"),
            "Expected 1 byte (ff) at $, but got 2 bytes (fe ff): they differ from byte 0 on",
        ),
    ],
)
def test_bodies_that_differ_as_a_whole(expected, actual, message):
    (mismatch,) = match_response(Response(body=expected), Response(body=actual))

    assert mismatch.path == "$"
    assert mismatch.message == message


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (Body(), json_body([1])),
        (Body(Presence.NULL), Body()),
        (Body(Presence.EMPTY, ""), Body(Presence.EMPTY, "")),
        (json_body({"a": 1}), read_body(b'{"a": 1}', None)),
        (json_body(12), read_body(b"12", None)),
        (json_body({"a": 1}), read_body(b'{"a": 1}', "application/hal+json")),
        (read_body(b"hi", "text/plain"), read_body(b"hi", None)),
        (Body(Presence.PRESENT, "hi"), read_body(b"hi", "text/html")),
        (Body(Presence.PRESENT, "<!DOCTYPE html><html>"), read_body(b"<!DOCTYPE html><html>", "text/html")),
        (Body(Presence.PRESENT, b"hi", "x/y"), read_body(b"hi", "x/y")),
        (Body(Presence.PRESENT, "hi", "x/y"), Body(Presence.PRESENT, b"hi", "x/y")),
    ],
)
def test_bodies_that_agree(expected, actual):
    assert match_response(Response(body=expected), Response(body=actual)) == ()


def test_a_rule_for_the_content_type_header_lets_another_one_pass():
    expected = Response(
        headers={"Content-Type": ("application/json",)},
        body=json_body({"a": 1}),
        rules=rules(header={"content-type": one("regex", regex="application/.*")}),
    )
    actual = Response(
        headers={"Content-Type": ("application/problem",)},
        body=Body(Presence.PRESENT, {"a": 1}, "application/problem"),
    )

    assert match_response(expected, actual) == ()


def test_forms_are_compared_by_name():
    kind = "application/x-www-form-urlencoded"
    expected = Request(
        body=read_body(b"name=Mary&age=3&tag=a&tag=b", kind), rules=rules(body={"$.age": one("integer")})
    )

    assert match_request(expected, Request(body=read_body(b"age=44&tag=a&tag=b&name=Mary", kind))) == ()
    wrong = Request(body=read_body(b"name=Fred&age=x&tag=a&more=1", kind))
    assert [mismatch.message for mismatch in match_request(expected, wrong)] == [
        'Expected nothing at $.more, but got ["1"]',
        'Expected "Mary" at $.name[0], but got "Fred"',
        'Expected an integer at $.age[0], but got "x"',
        'Expected 2 items at $.tag, but got 1: ["a"]',
    ]


def test_xml_without_a_matcher_is_never_a_silent_pass():
    expected, actual = read_body(b"<a/>", "application/xml"), read_body(b"<a></a>", "application/xml")

    (mismatch,) = match_response(Response(body=expected), Response(body=actual))

    assert mismatch.message.startswith("Cannot compare bodies of the content type application/xml")
    assert match_response(Response(body=expected), Response(body=expected)) == ()


def test_a_program_can_bring_its_matcher_for_a_content_type():
    def same_length(expected, actual, _, *, strict):
        assert strict is False
        wrong = len(expected.value) != len(actual.value)
        return (Mismatch("body", "$", None, None, "The lengths differ"),) if wrong else ()

    expected, actual = read_body(b"a,b", "text/csv"), read_body(b"c,d", "text/csv")

    assert match_response(Response(body=expected), Response(body=actual)) != ()
    assert match_response(Response(body=expected), Response(body=actual), bodies={"*/csv": same_length}) == ()


@pytest.mark.parametrize(
    ("content", "wanted", "fits"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png", True),
        (b"\xff\xd8\xff\xe0", "image/jpeg", True),
        (b"\xff\xd8\xff\xe0", "image/png", False),
        (b"RIFF....WEBP", "image/webp", True),
        (b"\xff\xfe\xfd", "application/octet-stream", True),
        (b"just text", "text/plain", True),
        (b"<?xml version='1.0'?><a/>", "text/xml", True),
        (b'{"a": 1}', "application/hal+json", True),
        (b"just text", "application/pdf", False),
        (b"just text", "application/octet-stream", False),
        (b"\x7fELF\x02\x01\x01", "text/plain", False),
        (b"\x7fELF\x02\x01\x01", "application/x-executable", True),
        (b"\x00\x01\x02", "text/plain", False),
        (b"\x00\x01\x02", "application/octet-stream", True),
        (b"text and then\x01", "text/plain", False),
        ("hi".encode("utf-16"), "text/plain", False),
        (b"\xef\xbb\xbfBMW, \ttabs\r\n", "text/plain", True),
        (b"BMW and \x1b[1mbold\x1b[0m", "text/plain", True),
        (b"BM6\x00\x00\x00", "image/bmp", True),
        (b"<?xml version='1.0'?><a/>", "text/plain", False),
        (b"<html><body/></html>", "text/plain", False),
        (b"#!/bin/sh", "text/plain", False),
    ],
)
@pytest.mark.parametrize("declared", ["application/octet-stream", "text/plain"])
def test_content_is_recognised_by_its_first_bytes(content, wanted, fits, declared):
    expected = Response(
        body=Body(Presence.PRESENT, b"example", wanted),
        rules=rules(body={"$": one("contentType", value=wanted)}),
    )

    mismatches = match_response(expected, Response(body=read_body(content, declared)))

    assert (mismatches == ()) is fits
    assert fits or mismatches[0].message.startswith(f"Expected content of the type {wanted} (")


def test_json_is_recognised_as_content_too():
    expected = Response(
        body=json_body({}), rules=rules(body={"$": one("contentType", value="application/json")})
    )

    assert match_response(expected, Response(body=json_body({"b": 2}))) == ()


QUOTED = '"This is a string"'


@pytest.mark.parametrize("content", [QUOTED, "This is a string", "12", "true", "null", '{"a": 1}'])
def test_a_text_equals_itself_when_neither_side_names_a_type(content):
    expected = only_response({"status": 200, "body": content})

    assert match_response(expected, Response(200, body=read_body(content.encode(), None))) == ()
    assert match_response(expected, Response(200, body=read_body(b"another", None))) != ()


def test_a_text_that_is_json_equals_the_json_that_comes():
    expected = only_response({"status": 200, "body": QUOTED})

    assert match_response(expected, Response(200, body=read_body(QUOTED.encode(), "application/json"))) == ()
    assert match_response(expected, Response(200, body=read_body(b'"no"', "application/json"))) != ()


@pytest.mark.parametrize(
    "kind",
    [
        "application/graphql",
        "application/jsonrequest",
        "application/json-seq",
        "application/vnd.x",
        "text/plain",
    ],
)
def test_an_example_that_is_json_by_value_is_compared_as_json(kind):
    expected = only_response({"status": 200, "headers": {"Content-Type": kind}, "body": {"data": {"n": 1}}})

    def answer(content):
        return Response(200, {"Content-Type": (kind,)}, read_body(content, kind))

    assert match_response(expected, answer(b'{ "data": {"n": 1}, "more": 2 }')) == ()
    (mismatch,) = match_response(expected, answer(b'{"data": {"n": 2}}'))
    assert mismatch.path == "$.data.n"


def test_in_an_envelope_a_text_of_a_json_type_is_a_json_string():
    envelope = {"content": '{"a":1}', "contentType": "application/json", "encoded": False}
    expected = only_response({"status": 200, "body": envelope}, version="4.0")

    def answer(content):
        return Response(200, body=read_body(content, "application/json"))

    assert match_response(expected, answer(b'"{\\"a\\":1}"')) == ()
    assert match_response(expected, answer(b'{"a":1}')) != ()


def only_response(response, version="3.0.0"):
    kind = {"type": "Synchronous/HTTP"} if version == "4.0" else {}
    return only(document(http(response=response, **kind), version=version)).response


def test_long_binary_bodies_show_where_they_differ():
    expected, actual = (
        read_body(bytes(100) + end + bytes(50), "image/png") for end in (b"\x01", b"\x02\x03")
    )

    (mismatch,) = match_response(Response(body=expected), Response(body=actual))

    assert mismatch.message == (
        "Expected 151 bytes (… 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 …) at $, but got "
        "152 bytes (… 00 00 00 00 02 03 00 00 00 00 00 00 00 00 00 00 …): they differ from byte 100 on"
    )


@pytest.mark.parametrize(
    ("content", "fits"), [(b"xyz7", True), (b"7xyz", False), (b"xyz\xff", False), (b"", False)]
)
def test_text_rules_look_at_binary_content_that_is_text(content, fits):
    expected = Response(
        body=read_body(b"abc1", "application/octet-stream"),
        rules=rules(body={"$": one("regex", regex="[a-z]+[0-9]")}),
    )

    actual = Response(body=read_body(content, "application/octet-stream"))
    assert (match_response(expected, actual) == ()) is fits
