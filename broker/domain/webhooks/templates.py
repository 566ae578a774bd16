"""Parameters in the requests of webhooks (reference §10.4): `${pactbroker.pactUrl}`, `${secret.token}`."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any
from urllib.parse import quote_plus

import orjson

from tally.hashing import compact_json

_PARAMETER = re.compile(r"\$\{((?:pactbroker|secret)\.[A-Za-z0-9_.-]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
Values = Mapping[str, str]
"""The values of parameters, by their name with the prefix: `pactbroker.pactUrl`, `secret.token`."""


class BodyKind(Enum):
    """The format of a body, which says how values in it are escaped."""

    JSON = "json"
    FORM = "form"
    TEXT = "text"


class UnknownSecretError(Exception):
    """A template uses a secret that does not exist; the text is its name."""


def has_parameter(text: str) -> bool:
    """Return whether the text has a parameter."""
    return _PARAMETER.search(text) is not None


def parameters_in(text: str) -> str:
    """Return the parameters of the text, without what is between them."""
    return "".join(match[0] for match in _PARAMETER.finditer(text))


def secrets_in(texts: Iterable[str]) -> set[str]:
    """Return the names of the secrets that the texts use."""
    names = {name for text in texts for name in _PARAMETER.findall(text)}
    return {name.removeprefix("secret.") for name in names if name.startswith("secret.")}


def fill(text: str, values: Values, escape: Callable[[str], str] = str) -> str:
    """Return the text with its parameters replaced; an unknown one of `pactbroker.` stays as it is.

    Raises UnknownSecretError.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in values:
            return escape(values[name])
        if name.startswith("secret."):
            raise UnknownSecretError(name.removeprefix("secret."))
        return match[0]

    return _PARAMETER.sub(value, text)


def fill_url(url: str, values: Values) -> str:
    """Return the URL with its parameters form-escaped."""
    return fill(url, values, quote_plus)


def fill_header(text: str, values: Values) -> str:
    """Return the value of a header, on one line whatever the parameters hold."""
    return _CONTROL.sub(" ", fill(text, values))


def fill_body(body: Any, values: Values, kind: BodyKind) -> bytes:
    """Return the body as it is sent; values are escaped, so that it stays valid in its format."""
    if body is None:
        return b""
    if isinstance(body, str):
        return fill(body, values, _ESCAPES[kind]).encode()
    return compact_json(_fill_value(body, values))


def _fill_value(value: Any, values: Values) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [_fill_value(item, values) for item in value]
    if isinstance(value, dict):
        return {fill(key, values): _fill_value(item, values) for key, item in value.items()}
    return value


def _escape_json(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]


_ESCAPES: Mapping[BodyKind, Callable[[str], str]] = {
    BodyKind.JSON: _escape_json,
    BodyKind.FORM: quote_plus,
    BodyKind.TEXT: str,
}


def forms_of(secret: str) -> tuple[str, ...]:
    """Return the forms that a value may have in a request, longest first, to find it in what is logged."""
    return tuple(sorted({secret, quote_plus(secret), _escape_json(secret)}, key=len, reverse=True))
