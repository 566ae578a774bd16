"""Places: the parts of a service contract that can be named, used, changed and removed."""

import re
from collections.abc import Callable
from enum import Enum

from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, format_path, parse_path
from tally.values import dataclass

Path = tuple[Token, ...]


class Part(Enum):
    """The part of an operation that a place is in; the values are the words of its text form."""

    OPERATION = "operation"
    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    REQUEST = "request"
    RESPONSE = "response"
    PAYLOAD = "payload"
    REPLY = "reply"


class PlaceSyntaxError(ValueError):
    """Not the text form of a place; the text says how one is written."""


@dataclass(frozen=True)
class Place:
    """One part of an operation, such as `GET /orders/{id} 200 $.customer.email`.

    *operation* is the title ("GET /orders/{id}", "sends orders.paid") or the id. *status* is that of the
    document: "200", "2XX" or "default"; None stands for all of them, and in a header for the request's.
    *name* is that of a parameter or a header. *path* leads to a property of a body: () is all of the body,
    and None, in a response, means its headers as well.
    """

    operation: str
    part: Part = Part.OPERATION
    status: str | None = None
    name: str | None = None
    path: Path | None = None

    def __str__(self) -> str:
        """Return the text form, which `parse_place` reads."""
        words = [self.operation]
        if self.status:
            words.append(self.status)
        if self.name is not None:
            words += [self.part.value, self.name]
        elif self._must_be_said:
            words.append(self.part.value)
        if self.path is not None:
            words.append(format_path(self.path))
        return " ".join(words)

    @property
    def _must_be_said(self) -> bool:
        if self.part is Part.RESPONSE:
            return self.status is None and (self.path is None or not is_http(self.operation))
        if self.part is Part.PAYLOAD:
            return self.path is None or is_http(self.operation)
        return self.part in {Part.REQUEST, Part.REPLY}

    def covers(self, other: "Place") -> bool:
        """Whether *other* is this place or a part of it: `$.items[*]` covers `$.items[0].id`."""
        return _status_covers(self.status, other.status) and self._holds(other, _step_covers)

    def touches(self, used: "Place") -> bool:
        """Whether a change of this place may concern who uses *used*, which is this place or a part of it.

        What wildcards may stand for counts on both sides: `$.items[0]` touches `$.items[*].id`.
        """
        meet = _status_covers(self.status, used.status) or _status_covers(used.status, self.status)
        return meet and self._holds(used, _steps_meet)

    def _holds(self, other: "Place", step: Callable[[Token, Token], bool]) -> bool:
        if operation_key(self.operation) != operation_key(other.operation):
            return False
        if self.part is Part.OPERATION:
            return True
        of_response = other.part is Part.HEADER and other.status is not None
        if self.part is Part.RESPONSE and self.path is None and of_response:
            return True
        if self.part is not other.part or self.kind_and_name != other.kind_and_name:
            return False
        return _is_prefix(self.path or (), other.path or (), step) and (
            self.part is not Part.RESPONSE or self.path is None or other.path is not None
        )

    @property
    def kind_and_name(self) -> tuple[bool, str | None]:
        """What tells parameters and headers apart: whether it is a response's header, and its name."""
        if self.part is not Part.HEADER or self.name is None:
            return False, self.name
        return self.status is not None, self.name.lower()


@dataclass(frozen=True)
class UsedPlace:
    """A place that an interaction touches. *index* is that of the interaction in its contract.

    *whole* says that everything below the place may be used, too: nothing tells what is not. *doubt* says
    why it is not certain that the place is used at all, and is empty when it is. *key* is the same for the
    same use in another pact of the consumer, so that it can be told since when there is one.
    """

    place: Place
    interaction: str
    index: int
    whole: bool = False
    doubt: str = ""
    key: str = ""

    def is_concerned_by(self, changed: Place) -> bool:
        """Whether a change of *changed* may concern this use."""
        return changed.touches(self.place) or (self.whole and self.place.touches(changed))


def operation_key(operation: str) -> str:
    """Return what is equal for operations that requests do not tell apart: "GET /orders/{}"."""
    if not is_http(operation):
        return operation
    method, _, path = operation.partition(" ")
    return f"{method.upper()} {_PARAMETER.sub('{}', path)}"


def is_http(operation: str) -> bool:
    """Whether *operation* is the title of one that is asked over HTTP: "GET /orders/{id}"."""
    return _HTTP_TITLE.fullmatch(operation) is not None


def parse_place(text: str) -> Place:
    """Return the place that *text* names. Raises PlaceSyntaxError."""
    head, path = _split(text.strip())
    found = _HEAD.fullmatch(head)
    if found is None:
        raise PlaceSyntaxError(f'"{text}" names no place: expected {EXPECTED}')
    operation, status, name = found["operation"], found["status"], found["name"]
    if is_http(operation):
        method, _, template = operation.partition(" ")
        operation = f"{method.upper()} {template}"
    part = Part(found["named"] or found["part"] or _unsaid_part(operation, status, path))
    if name is not None and path is not None:
        raise PlaceSyntaxError(
            f'"{text}": {part.value} {name} has no properties; leave out "{format_path(path)}"'
        )
    if part not in {Part.RESPONSE, Part.HEADER} and status is not None:
        raise PlaceSyntaxError(f'"{text}": a status belongs to a response, not to a {part.value}')
    if part is Part.REQUEST and path is None:
        path = ()
    return Place(operation, part, status and _status(status), name, path)


EXPECTED = (
    '"GET /orders/{id}", "GET /orders/{id} query page", "POST /orders request $.customer", '
    '"GET /orders/{id} 200", "GET /orders/{id} 200 header ETag", "GET /orders/{id} 200 $.customer.email", '
    '"sends orders.paid $.total" or an operation by its id'
)
_PARAMETER = re.compile(r"\{[^{}]*\}")
_HTTP_TITLE = re.compile(r"[A-Za-z]+ /\S*")
_HEAD = re.compile(
    r"(?P<operation>[A-Za-z]+\ /\S*|(?:sends|receives|has)\ \S+|\S.*?)"
    r"(?:\ (?P<status>[1-5][0-9]{2}|[1-5](?i:XX)|(?i:default)))?"
    r"(?:\ (?P<named>path|query|header|cookie)\ (?P<name>\S.*)|\ (?P<part>request|response|payload|reply))?"
)
_BODY_PATH = re.compile(r"(?:^|\s)\$(?=$|[.\[])")


def _split(text: str) -> tuple[str, Path | None]:
    """Return what stands before the property path, and the path."""
    found = _BODY_PATH.search(text)
    if found is None:
        return text, None
    try:
        return text[: found.start()].strip(), parse_path(text[found.start() :].strip())
    except PathSyntaxError as error:
        raise PlaceSyntaxError(f'"{text}": {error}') from error


def _unsaid_part(operation: str, status: str | None, path: Path | None) -> str:
    if status is not None:
        return Part.RESPONSE.value
    if path is None:
        return Part.OPERATION.value
    return str((Part.RESPONSE if is_http(operation) else Part.PAYLOAD).value)


def _status(status: str) -> str:
    return "default" if status.lower() == "default" else status.upper()


def _status_covers(wide: str | None, narrow: str | None) -> bool:
    if wide is None or narrow is None or wide.lower() == narrow.lower():
        return wide is None or narrow is not None
    return wide.upper() == f"{narrow[0]}XX"


def _is_prefix(path: Path, other: Path, step: Callable[[Token, Token], bool]) -> bool:
    return len(path) <= len(other) and all(map(step, path, other))


def _step_covers(wide: Token, narrow: Token) -> bool:
    if wide is Wildcard.ANY:
        return True
    return wide == narrow or (wide is Wildcard.ANY_INDEX and isinstance(narrow, int))


def _steps_meet(one: Token, other: Token) -> bool:
    return _step_covers(one, other) or _step_covers(other, one)
