"""The bytes of a body."""

import pytest

from tally.pact import Body, Presence
from verifier.contents.bodies import serialised

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (Body(), b""),
        (Body(Presence.EMPTY), b""),
        (Body(Presence.NULL, None, "application/hal+json"), b"null"),
        (Body(Presence.NULL, None, "text/plain"), b""),
        (Body(Presence.PRESENT, {"a": [1, None]}, None), b'{"a":[1,null]}'),
        (Body(Presence.PRESENT, "text", "application/json"), b'"text"'),
        (Body(Presence.PRESENT, "text", None), b"text"),
        (Body(Presence.PRESENT, {"a": ["1", "2"], "b": "c d"}, FORM), b"a=1&a=2&b=c+d"),
        (
            Body(Presence.PRESENT, {"a": [True, None, 1], "b": {"c": False}}, FORM),
            b"a=true&a=&a=1&b=%7B%22c%22%3Afalse%7D",
        ),
        (Body(Presence.PRESENT, "\u20ac", "text/plain; charset=utf-16-le"), b"\xac\x20"),
        (Body(Presence.PRESENT, "\u20ac", "text/plain; charset=latin-1"), "\u20ac".encode()),
        (Body(Presence.PRESENT, "a", "text/plain; charset=unheard-of"), b"a"),
        (Body(Presence.PRESENT, b"\x00\xff", "application/octet-stream"), b"\x00\xff"),
    ],
)
def test_a_body_is_written_as_its_type_says(body, content):
    assert serialised(body) == content
