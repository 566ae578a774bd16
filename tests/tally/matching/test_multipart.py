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


FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
FILE = FIELD.replace(b'name="a"', b'name="a"; filename="a.txt"')
KIND = "multipart/form-data; boundary=x"


def test_a_field_is_no_file_and_a_file_no_field():
    field, file = read_body(FIELD, KIND), read_body(FILE, KIND)

    assert messages(field, file) == ["Expected a field at $.a, but got a file"]
    assert messages(file, field, a=Rule("type")) == ["Expected a file at $.a, but got a field"]
    assert messages(file, read_body(FILE.replace(b"a.txt", b"b.txt"), KIND)) == []


def test_an_example_without_parts_accepts_nothing_but_itself():
    unreadable = read_body(b"LS1CMQ0K", KIND)

    assert messages(unreadable, unreadable) == []
    assert messages(unreadable, read_body(FIELD, KIND)) == [
        'Expected a multipart body, but the example has no part to compare with: "LS1CMQ0K"'
    ]


def test_parts_inside_a_part_are_compared():
    inner = b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\none\r\n--y--"
    whole = FIELD.replace(b"\r\n\r\n1", b"\r\n" + inner)

    assert messages(read_body(whole, KIND), read_body(whole, KIND)) == []
    assert messages(read_body(whole, KIND), read_body(whole.replace(b"one", b"two"), KIND)) != []


def test_a_preamble_does_not_hide_the_parts():
    preamble = b"This is a message with parts.\r\n" + FIELD

    assert messages(read_body(FIELD, KIND), read_body(preamble, KIND)) == []
    assert messages(read_body(preamble, KIND), read_body(FIELD.replace(b"1", b"2"), KIND)) != []


def test_a_content_type_for_the_whole_body_is_about_its_parts():
    is_text = MatchingRules(body={"$": RuleSet((Rule("contentType", {"value": "text/plain"}),))})
    expected = Response(body=multipart("x", ("id", "text/plain", b"7")), rules=is_text)

    others = multipart("y", ("id", "text/plain", b"other"))
    none = read_body(b"no", "multipart/form-data; boundary=x")

    assert match_response(expected, Response(body=others)) == ()
    (mismatch,) = match_response(expected, Response(body=none))
    assert mismatch.message == 'Expected the part "id" of the multipart body, but it is missing'
