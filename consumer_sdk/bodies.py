"""Bodies that are not JSON: forms, XML, text, binary content, and several parts in one body.

body=bodies.form({"name": match.like("Ada"), "age": 36})
body=bodies.multipart({"photo": bodies.file(png, "image/png", name="ada.png"), "title": "Ada"})
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from consumer_sdk import match
from consumer_sdk.documents.bodies import FORM, example_of_body
from consumer_sdk.documents.declared import Content, Value
from consumer_sdk.documents.json_values import json_value
from consumer_sdk.errors import DeclarationError
from consumer_sdk.graphql import query_pattern
from consumer_sdk.match import Matcher, example_of
from tally import json_text
from tally.pact.path_expressions import format_path

__all__ = ["Content", "File", "binary", "file", "form", "graphql", "multipart", "text", "xml"]

_MULTIPART = r"multipart/form-data;(\s*charset=[^;]*;)?\s*boundary=.*"


@dataclass(frozen=True)
class File:
    """One part of a multipart body, with the *name* of the file."""

    content: bytes
    media_type: str
    name: str


Part = File | str | Matcher[Any] | Mapping[str, object] | Sequence[object]


def text(content: str | Matcher[str], media_type: str = "text/plain") -> Content:
    """Return text of any type; a matcher is about the whole of it."""
    return Content(str(example_of(content)), media_type, _whole(content))


def binary(content: bytes, media_type: str, *, same: bool = False) -> Content:
    """Return bytes, of which only the type counts, by what they begin with; *same* wants these bytes."""
    rules = {} if same else {"$": match.content_type(content, media_type)}
    return Content(content, media_type, rules)


def xml(
    content: str, rules: Mapping[str, Matcher[Any]] | None = None, media_type: str = "application/xml"
) -> Content:
    """Return XML with rules by path: "$.order.item" is an element, "$.order['@id']" an attribute.

    "$.order.item['#text']" is the text of an element. The examples of the matchers are what *content* has.
    Raises DeclarationError for what is not well-formed, and for a path at which *content* has nothing.
    """
    from consumer_sdk.xml_paths import refuse_lost_paths  # noqa: PLC0415 - few suites have XML

    refuse_lost_paths(content, rules or {})
    return Content(content, media_type, rules or {})


def form(fields: Mapping[str, Value | Sequence[Value]]) -> Content:
    """Return a form as browsers send it; a list is a field that occurs several times."""
    said = example_of_body(fields, FORM)
    given = {format_path((name,)): value for name, value in fields.items()}
    return Content(said.value, FORM, _rules_of(given))


def graphql(
    query: str,
    variables: Mapping[str, object] | None = None,
    operation_name: str | Matcher[str] | None = None,
) -> dict[str, object]:
    """Return the body of a request of GraphQL; the query may be laid out in any way.

    The order of fields does not matter in selections of up to four, unless all orders would be too long to
    write out. *variables* and *operation_name* are in the body when they are given; they may have matchers.
    """
    body: dict[str, object] = {"query": match.regex(query, query_pattern(query))}
    if operation_name is not None:
        body["operationName"] = operation_name
    return body if variables is None else {**body, "variables": variables}


def file(content: bytes, media_type: str, *, name: str) -> File:
    """Return a file for `multipart`; of its content, only the type counts."""
    return File(content, media_type, name)


def multipart(parts: Mapping[str, Part]) -> Content:
    """Return a form of several parts: files, fields of text, and JSON with matchers.

    The boundary follows from the parts, so that the pact stays the same; the provider may use any other.
    """
    if not parts:
        raise DeclarationError("multipart: no parts; give at least one.")
    boundary = "part-" + sha256(repr(sorted(parts.items(), key=str)).encode()).hexdigest()[:24]
    lines = b"".join(_part(name, value, boundary) for name, value in parts.items())
    rules = {format_path((name,)): _part_rule(value) for name, value in parts.items()}
    content_type = f"multipart/form-data; boundary={boundary}"
    return Content(
        lines + f"--{boundary}--\r\n".encode(),
        content_type,
        {path: rule for path, rule in rules.items() if rule is not None},
        match.regex(content_type, _MULTIPART),
    )


def _part(name: str, value: Part, boundary: str) -> bytes:
    disposition = f'form-data; name="{_quoted(name)}"'
    if isinstance(value, File):
        disposition += f'; filename="{_quoted(value.name)}"'
        kind, content = value.media_type, value.content
    else:
        example = example_of(value)
        is_text = isinstance(example, str)
        kind = "text/plain" if is_text else "application/json"
        content = (example if is_text else json_text.compact(json_value(example, f"part {name}"))).encode()
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _quoted(name: str) -> str:
    """Return the name of a part or a file as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _part_rule(value: Part) -> object:
    if isinstance(value, File):
        return match.content_type(value.content, value.media_type)
    if isinstance(value, str):
        return None
    # Pact's core looks for rules inside of a part only where the part has one; it is for all below.
    return value if isinstance(value, Matcher) else match.like(_equal_inside(value))


def _equal_inside(value: object) -> object:
    """Return a value in which everything without a matcher must be equal, though a matcher is above."""
    if isinstance(value, Mapping):
        return {name: _equal_inside(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_equal_inside(item) for item in value]
    return value if isinstance(value, Matcher) else match.equal(value)


def _whole(content: str | Matcher[str]) -> dict[str, Matcher[Any]]:
    return {"$": content} if isinstance(content, Matcher) else {}


def _rules_of(values: Mapping[str, Any]) -> dict[str, Matcher[Any]]:
    found: dict[str, Matcher[Any]] = {}
    for path, value in values.items():
        if isinstance(value, Matcher):
            found[path] = value
        elif isinstance(value, list | tuple):
            found |= _rules_of({f"{path}[{index}]": item for index, item in enumerate(value)})
    return found
