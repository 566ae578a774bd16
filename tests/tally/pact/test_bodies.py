import pytest
from support.raw_pacts import document, http, only

from tally.errors import InvalidContractError
from tally.pact import Body, Presence, parse_pact, read_body

MISSING = object()


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, MISSING, Body(Presence.MISSING)),
        ({}, None, Body(Presence.NULL)),
        ({}, "", Body(Presence.EMPTY, "")),
        ({}, {"id": 1}, Body(Presence.PRESENT, {"id": 1})),
        ({}, '{"id": 1}', Body(Presence.PRESENT, {"id": 1})),
        ({}, "{no json", Body(Presence.PRESENT, "{no json")),
        ({}, "12", Body(Presence.PRESENT, "12")),
        ({}, '"hi"', Body(Presence.PRESENT, '"hi"')),
        ({"Content-Type": "application/json"}, '"hi"', Body(Presence.PRESENT, "hi", "application/json")),
        ({"Content-Type": "application/json"}, "hi", Body(Presence.PRESENT, "hi", "application/json")),
        ({"content-type": "text/plain"}, "[1]", Body(Presence.PRESENT, "[1]", "text/plain")),
        ({"Content-Type": "image/png"}, "aGk=", Body(Presence.PRESENT, b"hi", "image/png")),
        ({"Content-Type": "image/png"}, "raw!", Body(Presence.PRESENT, b"raw!", "image/png")),
        (
            {"Content-Type": "application/hal+json;charset=utf-8"},
            '[{"id": 1}]',
            Body(Presence.PRESENT, [{"id": 1}], "application/hal+json;charset=utf-8"),
        ),
    ],
)
def test_a_body_is_read_by_its_content_type(headers, body, expected):
    response = {"headers": headers} | ({} if body is MISSING else {"body": body})

    assert only(document(http(response=response))).response.body == expected


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        ({"content": {"id": 1}}, Body(Presence.PRESENT, {"id": 1})),
        ({"content": "aGk=", "encoded": "base64"}, Body(Presence.PRESENT, "hi")),
        (
            {"content": "/wA=", "contentType": "image/png", "encoded": True},
            Body(Presence.PRESENT, b"\xff\0", "image/png"),
        ),
        ({"content": '"x"', "encoded": "JSON"}, Body(Presence.PRESENT, "x", "application/json")),
        ({"contentType": "text/plain"}, Body(Presence.MISSING, None, "text/plain")),
        (None, Body(Presence.NULL)),
    ],
)
def test_a_body_of_version_4_is_read_out_of_its_envelope(envelope, expected):
    raw = http(response={"status": 200, "body": envelope}, type="Synchronous/HTTP")

    assert only(document(raw, version="4.0")).response.body == expected


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ({"content": "%", "encoded": "base64"}, "body.content: is not valid base64"),
        ({"content": "x", "encoded": "rot13"}, 'body.encoded: the encoding "rot13" is not known'),
        ({"content": "é", "encoded": "base64"}, "body.content: is not valid base64"),
    ],
)
def test_an_envelope_that_cannot_be_read_is_refused(envelope, message):
    raw = http(response={"body": envelope}, type="Synchronous/HTTP")

    with pytest.raises(InvalidContractError) as refused:
        parse_pact(document(raw, version="4.0"))

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (None, "text/plain", Body(Presence.MISSING, None, "text/plain")),
        (b"", "application/json", Body(Presence.EMPTY, "", "application/json")),
        (b"null", "application/json", Body(Presence.NULL, None, "application/json")),
        (b"[1.0, 123456789012345678901234567890]", "application/json", [1.0, 123456789012345678901234567890]),
        (b"{oops", "application/json", b"{oops"),
        (b"[NaN]", "application/json", b"[NaN]"),
        (b'{"a": 1}', None, {"a": 1}),
        ("é".encode("latin-1"), "text/plain; charset=iso-8859-1", "é"),
        ("é".encode("latin-1"), "text/plain", b"\xe9"),
        (b"x", "text/plain; charset=klingon", b"x"),
        (b"PNG", "image/png", b"PNG"),
    ],
)
def test_a_body_from_the_wire_is_read_by_its_content_type(content, content_type, expected):
    if not isinstance(expected, Body):
        expected = Body(Presence.PRESENT, expected, content_type)

    assert read_body(content, content_type) == expected
