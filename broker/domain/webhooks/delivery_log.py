"""The log of an attempt, for people: the request, the response and what follows (reference §10.5)."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum

from broker.domain.webhooks.redaction import without_query
from broker.domain.webhooks.secret_texts import STARS, is_secret, starred

HIDDEN = (
    "the rest of the answer is not shown: it is shown when TALLY_WEBHOOK_HOST_WHITELIST lists the hosts of "
    "webhooks"
)

RESPONSE = "HTTP/1.1 response"
_ANSWER = re.compile(
    rf"^\[[^]]*\] (?:INFO: {re.escape(RESPONSE)} (?P<status>\d+)|ERROR: (?P<error>.*))$", re.MULTILINE
)


def answer_in(log: str) -> str | None:
    """Return what an attempt brought, in a few words: "HTTP 500", or why there was no answer."""
    found = _ANSWER.search(log)
    return found and (starred(found["error"] or "") or f"HTTP {found['status']}")


HIDDEN_FROM_READERS = "the rest of the answer is shown to those who may change webhooks"
_REQUEST = "HTTP/1.1 request "
_RESPONSE = "HTTP/1.1 response "
_LINE = re.compile(r"(\[[^\]]*\] ([A-Z]+): )(.*)", re.DOTALL)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: ")  # in YAML, a property looks alike
_URL = re.compile(r"https?://\S+")


class DeliveryLog:
    """Lines with a time and a level; secrets are starred in all of them.

    These are the values that are *hidden* and, with *redact*, what is a secret by its name.
    """

    def __init__(self, hidden: Iterable[str] = (), *, redact: bool = True) -> None:
        self._hidden = tuple(sorted(filter(None, hidden), key=len, reverse=True))
        self._redact = redact
        self._lines: list[str] = []

    def add(self, now: datetime, text: str, level: str = "INFO") -> None:
        """Append a text; each of its lines gets the time and the level."""
        self._lines += self._stamped(now, text, level)

    def add_headers(self, now: datetime, headers: Mapping[str, str]) -> None:
        """Append a line for each header."""
        for name, value in headers.items():
            self.add(now, f"{name}: {' '.join(value.splitlines())}")

    def header(self, name: str, value: str) -> str:
        """Return the value of a header with secrets starred."""
        return STARS if self._redact and is_secret(name) else self.without_secrets(value)

    def without_secrets(self, text: str) -> str:
        """Return the text with secrets starred."""
        for secret in self._hidden:
            text = text.replace(secret, STARS)
        return starred(text) if self._redact else text

    def ending(self, now: datetime, text: str, level: str = "INFO") -> str:
        """Return the whole log with a last line; the log itself stays as it is."""
        return "\n".join([*self._lines, *self._stamped(now, text, level)]) + "\n"

    @property
    def text(self) -> str:
        """The log so far."""
        return "\n".join(self._lines) + "\n"

    def _stamped(self, now: datetime, text: str, level: str) -> list[str]:
        stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = self.without_secrets(text).replace("\0", "").splitlines()
        return [f"[{stamp}] {level}: {_without_value(line) if self._redact else line}" for line in lines]


def body_of_answer(log: str) -> str:
    """Return the body of the last answer in a log, as far as it is there."""
    *lines, _ending = log.splitlines() or [""]
    texts = [_parts(line)[2] for line in lines]
    places = [number for number, text in enumerate(texts) if text.startswith(_RESPONSE)]
    if not places:
        return ""
    rest = texts[places[-1] + 1 :]
    headers = next((number for number, text in enumerate(rest) if not _HEADER.match(text)), len(rest))
    body = "\n".join(rest[headers:])
    return "" if body in {HIDDEN, HIDDEN_FROM_READERS} else body


def for_writers(log: str) -> str:
    """Return the log of an attempt with what is secret by its name starred; it may be an old one."""
    parts = (_parts(line) for line in log.splitlines())
    return "".join(f"{prefix}{_without_value(starred(text))}\n" for prefix, _, text in parts)


def _without_value(line: str) -> str:
    """Return the line with stars for the value of a header, or of a property, that is secret by its name."""
    found = _HEADER.match(line)
    return found[0] + STARS if found and is_secret(found[0]) else line


def for_readers(log: str) -> str:
    """Return the log of an attempt that is over for those who may not change the webhook.

    Values of headers and queries of URLs are starred; the body of the answer, which may repeat them, is left
    out. A line of the webhook's own body that looks like a header is starred as well.
    """
    *lines, ending = log.splitlines() or [""]
    shown: list[str] = []
    part = _Part.BEFORE
    for line in lines:
        prefix, level, text = _parts(line)
        if level in {"WARN", "ERROR"}:
            text = _URL.sub(lambda url: without_query(url[0]), text)
        elif text.startswith(_REQUEST) and part is _Part.BEFORE:
            part, text = _Part.REQUEST, without_query(text)
        elif text.startswith(_RESPONSE) and part is _Part.REQUEST:
            part = _Part.RESPONSE
        elif part in {_Part.REQUEST, _Part.RESPONSE} and (header := _HEADER.match(text)):
            text = header[0] + STARS
        elif part is _Part.ANSWER:
            continue
        elif part is _Part.RESPONSE and text != HIDDEN:
            part, text = _Part.ANSWER, HIDDEN_FROM_READERS
        shown.append(prefix + starred(text))
    return "\n".join([*shown, ending]) + "\n"


class _Part(Enum):
    """Which part of a log a line belongs to."""

    BEFORE = 0
    REQUEST = 1
    RESPONSE = 2
    ANSWER = 3  # the body of the response


def _parts(line: str) -> tuple[str, str, str]:
    found = _LINE.match(line)
    return (found[1], found[2], found[3]) if found else ("", "INFO", line)
