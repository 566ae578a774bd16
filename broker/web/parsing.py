"""Request bodies and query strings -> values, or a refusal that names the field."""

import re
from collections.abc import Callable, Collection, Mapping, MutableMapping
from io import BytesIO
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import g, request
from werkzeug.exceptions import UnsupportedMediaType

from broker.domain import limits
from broker.domain.accounts.belonging import Belonging
from broker.domain.errors import ValidationError
from broker.domain.names import did_you_mean
from broker.domain.text_rules import broken_rule, too_many
from broker.web.content_types import JSON
from broker.web.problems import MalformedBodyError
from tally.errors import InvalidContractError
from tally.hashing import compact_json, parse_exactly

T = TypeVar("T")
_MADE = "made_of_the_body"
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


def json_text(content_types: tuple[str, ...] = (JSON,)) -> bytes:
    """Return the body as it was sent. Raises UnsupportedMediaType (415)."""
    if request.mimetype not in content_types:
        raise UnsupportedMediaType
    return body()


def body() -> bytes:
    """Return the body; one that is in memory is not copied. Raises RequestEntityTooLarge (413)."""
    source = request.environ["wsgi.input"]
    if not isinstance(source, BytesIO) or request.content_length != source.getbuffer().nbytes:
        return request.get_data(cache=True)
    _ = request.stream  # which looks at the limit
    return source.getvalue()


def json_value(content_types: tuple[str, ...] = (JSON,)) -> Any:
    """Return the body, a JSON object or array. Raises MalformedBodyError (400), UnsupportedMediaType."""
    text = json_text(content_types)
    try:
        value = bounded_json(text)
    except InvalidContractError as error:
        raise MalformedBodyError(f"The request body is {error}") from error
    if not isinstance(value, dict | list):
        raise MalformedBodyError("The request body must be a JSON object or array")
    return value


def bounded_json(text: bytes) -> Any:
    """Parse JSON that does not have too many values. Raises InvalidContractError.

    A value of two bytes takes fifty in memory, and its time: they are counted before they are read.
    """
    if _most_values(text) > limits.VALUES and _most_values(_TEXT.sub(b"", text)) > limits.VALUES:
        raise InvalidContractError(f"not accepted: it has more than {limits.VALUES} values")
    return parse_exactly(text)


def _most_values(text: bytes) -> int:
    """Return how many values the JSON may have: each but the first of all follows one of these."""
    return sum(map(text.count, (b",", b"[", b"{")))


def once(make: Callable[[Any], T]) -> T:
    """Return what *make* makes of the body, a JSON object or array, and free the body, which may be large.

    When the transaction of the request runs again, the result is reused.
    """
    if _MADE not in g:
        value = json_value()
        source = request.environ["wsgi.input"]
        if isinstance(source, BytesIO):
            source.truncate(0)
        setattr(g, _MADE, make(value))
    made: T = g.get(_MADE)
    return made


def json_object(content_types: tuple[str, ...] = (JSON,), *, empty: bool = False) -> dict[str, Any]:
    """Return the body, a JSON object; with *empty*, no body at all counts as {}."""
    if empty and not body().strip():
        return {}
    return an_object(json_value(content_types))


def an_object(value: object) -> dict[str, Any]:
    """Return the value of a body that must be a JSON object. Raises MalformedBodyError."""
    if not isinstance(value, dict):
        raise MalformedBodyError("The request body must be a JSON object")
    return value


class Fields:
    """Take typed values out of a JSON object, and collect what is wrong with them.

    Call `done()` when everything is taken: it raises one ValidationError for all that was found.
    """

    def __init__(self, document: Mapping[str, Any], errors: dict[str, list[str]] | None = None) -> None:
        self._document = document
        self._errors: dict[str, list[str]] = {} if errors is None else errors

    def text(  # noqa: PLR0913 - each is a rule of its own
        self,
        name: str,
        *,
        limit: int | None = limits.LINE,
        required: bool = False,
        blank: bool = False,
        lines: bool = False,
        spaces: bool = True,
    ) -> str | None:
        """Return a string of at most *limit* characters.

        *blank*, *lines* and *spaces* say whether it may be blank or hold such.
        """
        value = self._value(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(name, "must be a string")
            return None
        broken = broken_rule(value, limit=limit, required=required, blank=blank, lines=lines, spaces=spaces)
        if broken is not None:
            self.refuse(name, broken)
        return value

    def one_of(self, name: str, allowed: tuple[str, ...], *, required: bool = False) -> str | None:
        """Return a string that is one of those allowed."""
        value = self._value(name, required=required)
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        self.refuse(name, f"must be one of: {', '.join(allowed)}")
        return None

    def boolean(self, name: str, *, required: bool = False) -> bool | None:
        """Return true or false."""
        value = self._value(name, required=required)
        if value is None or isinstance(value, bool):
            return value
        self.refuse(name, "must be boolean")
        return None

    def number(self, name: str, *, least: float, most: float) -> float | None:
        """Return a number, whole or not, which is required."""
        value = self._value(name, required=True)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(name, "must be a number")
        elif not least <= value <= most:
            self.refuse(name, f"must be from {least:g} to {most:g}")
        else:
            return float(value)
        return None

    def whole(self, name: str, *, at_least: int, at_most: int = limits.WHOLE_NUMBER) -> int | None:
        """Return a whole number, which is required."""
        value = self._value(name, required=True)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "must be an integer")
            return None
        if value < at_least:
            self.refuse(name, f"must be greater than or equal to {at_least}")
        elif value > at_most:
            self.refuse(name, f"must be less than or equal to {at_most}")
        return value

    def nested(self, name: str) -> "Fields | None":
        """Return an object; what is wrong inside is reported under *name*, a dot, and the field."""
        value = self._value(name, required=False)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(name, "must be a hash")
            return None
        return _FieldsOfObject(value, self._errors, name)

    def belonging(self) -> Belonging | None:
        """Return the team that the field `team` names; null is all of the broker, and no such field None."""
        if "team" not in self._document:
            return None
        return Belonging(self.text("team", limit=limits.NAME))

    def texts(self, name: str, *, limit: int, most: int) -> tuple[str, ...] | None:
        """Return a list of at most *most* lines that are not blank, each of at most *limit* characters."""
        values = self._list(name, most)
        for index, value in enumerate(values or ()):
            broken = _broken_line(value, limit)
            if broken is not None:
                self.refuse(name, f"{broken} (at index {index})")
        return None if values is None else tuple(value for value in values if isinstance(value, str))

    def objects(self, name: str, *, most: int, required: bool = False) -> list["Fields"] | None:
        """Return a list of at most *most* objects.

        What is wrong inside is reported under *name*, with the index.
        """
        values = self._list(name, most, required=required)
        if values is None:
            return None
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                self.refuse(name, f"must be a hash (at index {index})")
        items = enumerate(values)
        return [
            _FieldsOfItem(value, self._errors, name, index)
            for index, value in items
            if isinstance(value, dict)
        ]

    def forget(self, name: str) -> None:
        """Free a value that has been taken, because it may be large."""
        if isinstance(self._document, MutableMapping):
            self._document.pop(name, None)

    def only(self, names: Collection[str]) -> None:
        """Refuse fields with any other name, and suggest the nearest one."""
        unknown = (name for name, value in self._document.items() if value is not None and name not in names)
        for name in islice(unknown, limits.MESSAGES):
            self.refuse(name[: limits.NAME], f"is no field{did_you_mean(name, names)}")

    def url(self, name: str) -> str | None:
        """Return an address that a browser can open."""
        value = self.text(name, limit=limits.URL)
        if value is not None and not _is_url(value):
            self.refuse(name, "is not a valid URL eg. http://example.org")
        return value

    def json(self, name: str, *, limit: int | None = None) -> bytes | None:
        """Return the value as JSON of at most *limit* bytes, whatever it is."""
        value = self._document.get(name)
        if value is None:
            return None
        text = compact_json(value)
        if limit is not None and len(text) > limit:
            self.refuse(name, f"cannot be longer than {limit} bytes as JSON (it has {len(text)})")
            return None
        return text

    def anything(self, name: str) -> Any:
        """Return the value as it is."""
        return self._document.get(name)

    def refuse(self, name: str, message: str) -> None:
        """Record that the field is wrong."""
        self._record(name, message)

    def _record(self, name: str, message: str) -> None:
        messages = self._errors.setdefault(name, [])
        if len(messages) < limits.MESSAGES:
            messages.append(message)

    def done(self) -> None:
        """Raise ValidationError if anything was refused."""
        if self._errors:
            raise ValidationError(self._errors)

    def _value(self, name: str, *, required: bool) -> Any:
        value = self._document.get(name)
        if required and value is None:
            self.refuse(name, "must be filled" if name in self._document else "is missing")
        return value

    def _list(self, name: str, most: int, *, required: bool = False) -> list[Any] | None:
        value = self._value(name, required=required)
        if value is None:
            return None
        items: list[Any] | None = value if isinstance(value, list) else None
        broken = "must be an array" if items is None else too_many(items, most)
        if broken is not None:
            self.refuse(name, broken)
            return None
        return items


class _FieldsOfObject(Fields):
    """An object in an object (reference §1.6: nested paths are joined by dots)."""

    def __init__(self, document: Mapping[str, Any], errors: dict[str, list[str]], name: str) -> None:
        super().__init__(document, errors)
        self._name = name

    def refuse(self, name: str, message: str) -> None:
        """Record that the field is wrong."""
        self._record(f"{self._name}.{name}", message)


class _FieldsOfItem(Fields):
    """An object in a list (reference §1.6: the field, the message and the index, under the list's name)."""

    def __init__(
        self, document: Mapping[str, Any], errors: dict[str, list[str]], name: str, index: int
    ) -> None:
        super().__init__(document, errors)
        self._list_name = name
        self._index = index

    def refuse(self, name: str, message: str) -> None:
        """Record that the field of this item is wrong."""
        self._record(self._list_name, f"{name} {message} (at index {self._index})")


def _broken_line(value: object, limit: int) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    return broken_rule(value, limit=limit, required=False, blank=False, lines=False, spaces=True)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as a bracket that is never closed
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
