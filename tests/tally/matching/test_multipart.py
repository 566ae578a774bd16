from tally.matching import match_request, match_response
from tally.pact import MatchingRules, Request, Response, Rule, RuleSet, read_body

PNG = b"\x89PNG\r\n\x1a\n"


def multipart(boundary, *parts):
    """Build a body of (name, content type, content); a part may be without a name."""
    content = b""
    for name, kind, value in parts:
        disposition = f'form-data; name="{name}"' if name else "attachment"
        content += (
            f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n".encode()
        )
        content += value + b"\r\n"
    return read_body(content + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}")


def messages(expected, actual, **by_part):
    rules = MatchingRules(body={f"$.{name}": RuleSet((rule,)) for name, rule in by_part.items()})
    found = match_response(Response(body=expected, rules=rules), Response(body=actual))
    return [mismatch.message for mismatch in found]


def test_parts_are_compared_by_name_whatever_the_boundary():
    expected = multipart("x", ("title", "text/plain", b"Cat"), ("meta", "application/json", b'{"a": 1}'))
    actual = multipart(
        "y", ("meta", "application/json", b'{"a": 1, "b": 2}'), ("title", "text/plain", b"Cat")
    )

    assert messages(expected, actual) == []


def test_a_difference_in_a_part_has_its_path():
    expected = multipart("x", ("title", "text/plain", b"Cat"), ("meta", "application/json", b'{"a": 1}'))
    actual = multipart("x", ("title", "text/plain", b"Dog"), ("meta", "application/json", b'{"a": 2}'))

    assert messages(expected, actual) == [
        'Expected "Cat" at $.title, but got "Dog"',
        "Expected 1 at $.meta.a, but got 2",
    ]


def test_a_missing_part_and_another_content_type_are_named():
    expected = multipart("x", ("title", "text/plain", b"Cat"), ("photo", "image/png", PNG))
    actual = multipart("x", ("photo", "image/gif", b"GIF89a"))

    assert messages(expected, actual) == [
        'Expected the part "title" of the multipart body, but it is missing',
        "Expected image/png at $.photo, but got image/gif",
    ]


def test_a_part_can_have_a_rule():
    expected = multipart("x", ("age", "text/plain", b"3"), ("photo", "image/png", PNG + b"1"))
    actual = multipart("x", ("age", "text/plain", b"x"), ("photo", "application/octet-stream", PNG + b"2"))

    is_png = Rule("contentType", {"value": "image/png"})
    assert messages(expected, actual, age=Rule("regex", {"regex": r"\d"}), photo=is_png) == [
        r"Expected a value that matches /\d/ at $.age, but got " + '"x"'
    ]


def test_parts_without_a_name_are_compared_in_order():
    expected = multipart("x", (None, "text/plain", b"one"), (None, "text/plain", b"two"))

    assert messages(expected, multipart("y", (None, "text/plain", b"one"), (None, "text/plain", b"2"))) == [
        'Expected "two" at $[\'1\'], but got "2"'
    ]


def test_only_a_request_refuses_parts_that_it_does_not_expect():
    expected = multipart("x", ("title", "text/plain", b"Cat"))
    actual = multipart("x", ("title", "text/plain", b"Cat"), ("more", "text/plain", b"!"))

    assert match_response(Response(body=expected), Response(body=actual)) == ()
    (mismatch,) = match_request(Request(body=expected), Request(body=actual))
    assert mismatch.message == 'Expected no part "more" of the multipart body, but got "!"'


def test_what_is_no_multipart_body_has_no_parts():
    expected = multipart("x", ("title", "text/plain", b"Cat"))

    assert messages(expected, read_body(b"nothing", "multipart/form-data; boundary=x")) == [
        'Expected the part "title" of the multipart body, but it is missing'
    ]
