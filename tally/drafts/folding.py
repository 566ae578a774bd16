"""Exchanges that are the same interaction: one method, path template, query, operation and status."""

import threading
from collections import Counter
from dataclasses import replace

from tally.drafts.content import operation_of
from tally.drafts.exchanges import Exchange
from tally.drafts.leaving_out import reason_to_leave_out
from tally.drafts.path_templates import PathTemplate, read_path
from tally.drafts.secrets import redacted_name
from tally.values import dataclass

MOST_SAMPLES = 20
"""How many exchanges of one interaction are compared; more of them teach nothing."""
MOST_BYTES = 256 * 1024**2
"""Bytes of bodies that are kept in memory."""


@dataclass(frozen=True)
class Identity:
    """What tells interactions apart."""

    method: str
    template: str
    query_names: tuple[str, ...]
    operation: str
    status: int

    @property
    def description(self) -> str:
        """What the interaction is called until a person says it better."""
        names = "?" + "&".join(self.query_names) if self.query_names else ""
        operation = f" {self.operation}" if self.operation else ""
        return printable(f"{self.method} {self.template}{names}{operation} ({self.status})")


@dataclass(frozen=True)
class Folded:
    """The exchanges of one interaction, the first ones of *count*."""

    identity: Identity
    path: PathTemplate
    samples: tuple[Exchange, ...]
    count: int


def printable(text: str) -> str:
    """Return text that does nothing to a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def identity_of(exchange: Exchange) -> Identity:
    """Return which interaction an exchange is one of."""
    names = tuple(sorted({redacted_name(name) for name, _ in exchange.query}))
    return Identity(
        exchange.method,
        read_path(exchange.path).template,
        names,
        operation_of(exchange.request),
        exchange.status,
    )


class Folding:
    """Takes exchanges, from several threads, and keeps what a draft needs of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[Identity, list[Exchange]] = {}
        self._counts: dict[Identity, int] = {}
        self._left_out: Counter[str] = Counter()
        self._bytes = 0

    def add(self, exchange: Exchange) -> str:
        """Keep an exchange; return why not when it belongs in no contract, else ""."""
        reason = reason_to_leave_out(exchange)
        if reason:
            self.leave_out(reason)
            return reason
        identity = identity_of(exchange)
        with self._lock:
            known = self._samples.setdefault(identity, [])
            self._counts[identity] = self._counts.get(identity, 0) + 1
            if len(known) < MOST_SAMPLES:
                known.append(exchange if self._bytes < MOST_BYTES else _without_bodies(exchange))
                self._bytes += len(exchange.request.body) + len(exchange.response.body)
        return ""

    def leave_out(self, reason: str, times: int = 1) -> None:
        """Count what is not kept, by the reason."""
        with self._lock:
            self._left_out[reason] += times

    @property
    def left_out(self) -> dict[str, int]:
        """What was left out, in words, with how often."""
        return dict(sorted(self._left_out.items()))

    @property
    def count(self) -> int:
        """How many exchanges were kept."""
        return sum(self._counts.values())

    def folded(self) -> list[Folded]:
        """Return one entry for each interaction, in the order of paths, methods and statuses."""
        order = sorted(
            self._samples, key=lambda each: (each.template, each.method, each.query_names, each.status)
        )
        return [
            Folded(
                each,
                read_path(self._samples[each][0].path),
                tuple(self._samples[each]),
                self._counts[each],
            )
            for each in order
        ]


def _without_bodies(exchange: Exchange) -> Exchange:
    unknown = f"the body is left out: more than {MOST_BYTES // 1024**2} MiB were recorded"
    request = replace(exchange.request, body=b"", unknown=unknown if exchange.request.body else "")
    response = replace(exchange.response, body=b"", unknown=unknown if exchange.response.body else "")
    return replace(exchange, request=request, response=response)
