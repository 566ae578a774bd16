"""Words that the formats for people share."""

import json
import re
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from tally.matching import Mismatch
from verifier.cases import AnyCase
from verifier.json_values import jsonable
from verifier.results import Received, Sent

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LONGEST_VALUE = 300
"""Characters of one value that are shown."""
LONGEST_BODY = 1000
"""Characters of a body that are shown."""


def case_title(case: AnyCase) -> str:
    """Return the description of *case* with its provider states."""
    states = " and ".join(_state(state.name, state.params) for state in case.states)
    return f"{case.description}, given {states}" if states else case.description


def _state(name: str, params: dict[str, Any]) -> str:
    values = ", ".join(f"{key}={shown(value)}" for key, value in params.items())
    return f"{name} ({values})" if values else name


def sent_lines(sent: Sent) -> list[str]:
    """Return a request as it would be read on the wire."""
    return [f"{sent.method} {sent.url}", *_headers(sent.headers), *body_lines(sent.body)]


def received_lines(received: Received) -> list[str]:
    """Return an answer as it would be read on the wire."""
    return [status_line(received.status), *_headers(received.headers), *body_lines(received.body)]


def status_line(status: int) -> str:
    """Return the status with its name: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _headers(headers: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def body_lines(body: bytes) -> list[str]:
    """Return *body* in lines, JSON indented; long or binary ones shortened to what helps."""
    if not body:
        return []
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return [f"({len(body)} bytes that are not text)"]
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return shortened(text, LONGEST_BODY).splitlines()


def place(mismatch: Mismatch) -> str:
    """Return where a mismatch is: "status", "header Content-Type", "body $.items[0].id"."""
    if mismatch.path in ("", mismatch.kind) or mismatch.kind in {"status", "method", "path"}:
        return mismatch.kind
    return f"{mismatch.kind} {mismatch.path}"


def shown(value: Any) -> str:  # noqa: ANN401 - whatever was compared
    """Return a value as JSON, shortened."""
    return shortened(json.dumps(jsonable(value), ensure_ascii=False), LONGEST_VALUE)


def printable(text: str) -> str:
    """Return *text* without control characters, which could steer a terminal; lines and tabs stay."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def shortened(text: str, most: int) -> str:
    """Return *text*, cut after *most* characters and saying so."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
