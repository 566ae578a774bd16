"""Compare multipart bodies, part by part, by the names of the parts."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Part:
    name: str
    kind: str
    value: Any


def compare_multipart(
    expected: Body, actual: Body, rules: PathRules, *, strict: bool
) -> tuple[Mismatch, ...]:
    """Return the differences between parts of the same name, in order; boundaries do not matter.

    Rules have the name of a part as their first step: "$.photo".
    """
    found: list[Mismatch] = []
    parts = _parts(actual)
    for part in _parts(expected):
        same_name = next((other for other in parts if other.name == part.name), None)
        if same_name is None:
            message = f'Expected the part "{part.name}" of the multipart body, but it is missing'
            found.append(Mismatch("body", _path(part), part.value, None, message))
        else:
            parts.remove(same_name)
            found += _compare_part(part, same_name, rules.below(part.name), strict=strict)
    return (*found, *(_unexpected(part) for part in parts if strict))


def _compare_part(expected: _Part, actual: _Part, rules: PathRules, *, strict: bool) -> tuple[Mismatch, ...]:
    about_type = rules.rule("contentType") is not None
    if expected.kind != actual.kind and not about_type:
        message = f"Expected {expected.kind} at {_path(expected)}, but got {actual.kind}"
        return (Mismatch("body", _path(expected), expected.kind, actual.kind, message),)
    location = ValueLocation(root=(expected.name,))
    example = "" if about_type else expected.value
    return compare_json(example, actual.value, rules, strict=strict, location=location)


def _unexpected(part: _Part) -> Mismatch:
    message = f'Expected no part "{part.name}" of the multipart body, but got {shown(part.value)}'
    return Mismatch("body", _path(part), None, part.value, message)


def _path(part: _Part) -> str:
    return ValueLocation(root=(part.name,)).path([])


def _parts(body: Body) -> list[_Part]:
    content = body.value if isinstance(body.value, bytes) else str(body.value).encode()
    header = f"Content-Type: {_declared(body, content)}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(header + content)
    return (
        [_part(index, part) for index, part in enumerate(whole.iter_parts())] if whole.is_multipart() else []
    )


def _declared(body: Body, content: bytes) -> str:
    """Return the content type with the boundary that the content itself begins with."""
    boundary = content.lstrip().partition(b"\n")[0].strip().removeprefix(b"--").decode(errors="replace")
    return f'{media_type(body.content_type)}; boundary="{boundary}"'


def _part(index: int, part: Part) -> _Part:
    name = part.get_param("name", header="content-disposition")
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    kind = part.get_content_type()
    return _Part(str(name) if name else str(index), kind, read_body(content, kind).value)
