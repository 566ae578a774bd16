"""The log of an attempt, for people: the request, the response and what follows (reference §10.5)."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from broker.domain.webhooks.redaction import STARS, is_sensitive

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
    return found and (found["error"] or f"HTTP {found['status']}")


class DeliveryLog:
    """Lines with a time and a level; secrets are starred in all of them."""

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        self._hidden = tuple(sorted(filter(None, hidden), key=len, reverse=True))
        self._lines: list[str] = []

    def add(self, now: datetime, text: str, level: str = "INFO") -> None:
        """Append a text; each of its lines gets the time and the level."""
        self._lines += self._stamped(now, text, level)

    def add_headers(self, now: datetime, headers: Mapping[str, str], *, redact: bool) -> None:
        """Append a line for each header; with *redact*, credentials are starred."""
        for name, value in headers.items():
            self.add(now, f"{name}: {STARS if redact and is_sensitive(name) else value}")

    def without_secrets(self, text: str) -> str:
        """Return the text with secrets starred."""
        for secret in self._hidden:
            text = text.replace(secret, STARS)
        return text

    def ending(self, now: datetime, text: str, level: str = "INFO") -> str:
        """Return the whole log with a last line; the log itself stays as it is."""
        return "\n".join([*self._lines, *self._stamped(now, text, level)]) + "\n"

    @property
    def text(self) -> str:
        """The log so far."""
        return "\n".join(self._lines) + "\n"

    def _stamped(self, now: datetime, text: str, level: str) -> list[str]:
        stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return [
            f"[{stamp}] {level}: {line}" for line in self.without_secrets(text).replace("\0", "").splitlines()
        ]
