"""Compare multipart bodies, part by part, by the names of the parts."""

import re
from email.message import Message as Part
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from tally.matching.json_bodies import compare_json
from tally.matching.locations import ValueLocation
from tally.matching.mismatch import Mismatch, shown
from tally.matching.paths import PathRules
from tally.pact import Body, read_body
from tally.pact.bodies import media_type
from tally.values import dataclass

_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)


@dataclass(frozen=True)
class BodyPart:
    """One part of a multipart body; *value* is what `read_body` makes of it."""

    name: str
    kind: str
    value: Any
    is_file: bool
    """Whether it has the name of a file; otherwise it is a field."""


def compare_multipart(
    expected: Body, actual: Body, rules: PathRules, *, strict: bool
) -> tuple[Mismatch, ...]:
    """Return the differences between parts of the same name, in order; boundaries do not matter.

    Rules have the name of a part as their first step: "$.photo".
    """
    wanted, parts = parts_of(expected), parts_of(actual)
    if not wanted:
        return _compare_whole(expected, actual)
    found: list[Mismatch] = []
    for part in wanted:
        same_name = next((other for other in parts if other.name == part.name), None)
        if same_name is None:
            message = f'Expected the part "{part.name}" of the multipart body, but it is missing'
            found.append(Mismatch("body", _path(part), part.value, None, message))
        else:
            parts.remove(same_name)
            found += _compare_part(part, same_name, rules.below(part.name), strict=strict)
    return (*found, *(_unexpected(part) for part in parts if strict))


def _compare_whole(expected: Body, actual: Body) -> tuple[Mismatch, ...]:
    """Compare what has no parts as it is: an example that nobody can read must not accept everything."""
    if _content(expected) == _content(actual):
        return ()
    message = (
        f"Expected a multipart body, but the example has no part to compare with: {shown(expected.value)}"
    )
    return (Mismatch("body", "$", expected.value, actual.value, message),)


def _compare_part(
    expected: BodyPart, actual: BodyPart, rules: PathRules, *, strict: bool
) -> tuple[Mismatch, ...]:
    about_type = rules.rule("contentType") is not None
    if expected.is_file is not actual.is_file:
        wanted, got = ("a file", "a field") if expected.is_file else ("a field", "a file")
        message = f"Expected {wanted} at {_path(expected)}, but got {got}"
        return (Mismatch("body", _path(expected), wanted, got, message),)
    if expected.kind != actual.kind and not about_type:
        message = f"Expected {expected.kind} at {_path(expected)}, but got {actual.kind}"
        return (Mismatch("body", _path(expected), expected.kind, actual.kind, message),)
    location = ValueLocation(root=(expected.name,))
    example = "" if about_type else expected.value
    return compare_json(example, actual.value, rules, strict=strict, location=location)


def _unexpected(part: BodyPart) -> Mismatch:
    message = f'Expected no part "{part.name}" of the multipart body, but got {shown(part.value)}'
    return Mismatch("body", _path(part), None, part.value, message)


def _path(part: BodyPart) -> str:
    return ValueLocation(root=(part.name,)).path([])


def _content(body: Body) -> bytes:
    return body.value if isinstance(body.value, bytes) else str(body.value).encode()


def parts_of(body: Body) -> list[BodyPart]:
    """Return the parts of a multipart body, in order; none when it has no parts that can be read."""
    content = _content(body)
    header = f"Content-Type: {_declared(body, content)}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(header + content)
    return (
        [_part(index, part) for index, part in enumerate(whole.iter_parts())] if whole.is_multipart() else []
    )


def _declared(body: Body, content: bytes) -> str:
    """Return the content type with the boundary of the content: the declared one, or its beginning."""
    declared = _BOUNDARY.search(body.content_type or "")
    boundary = declared[1] or declared[2] if declared else ""
    if not boundary or f"--{boundary}".encode() not in content:
        boundary = content.lstrip().partition(b"\n")[0].strip().removeprefix(b"--").decode(errors="replace")
    return f'{media_type(body.content_type)}; boundary="{boundary}"'


def _part(index: int, part: Part) -> BodyPart:
    name = part.get_param("name", header="content-disposition")
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else part.as_bytes()  # of parts inside a part
    kind = part.get_content_type()
    is_file = part.get_param("filename", header="content-disposition") is not None
    return BodyPart(str(name) if name else str(index), kind, read_body(content, kind).value, is_file)
