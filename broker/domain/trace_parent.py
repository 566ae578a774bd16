"""Which trace a request belongs to: the header `traceparent` of W3C Trace Context."""

import re
from dataclasses import replace
from hashlib import sha256

from tally.values import dataclass

_HEADER = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_FIRST_VERSION = "00"
_ID = re.compile(r"(?!0{16})[0-9a-f]{16}[0-9a-f]{16}")
SAMPLED = "01"


@dataclass(frozen=True)
class TraceParent:
    """A trace, and the span in it that something is part of; ids are hexadecimal."""

    trace_id: str
    span_id: str
    flags: str = SAMPLED

    def __str__(self) -> str:
        """Return the header."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    def with_span(self, span_id: str) -> "TraceParent":
        """Return another span of the same trace."""
        return replace(self, span_id=span_id)


def parse(header: str) -> TraceParent | None:
    """Return what a header says; None when it is not well-formed, which counts as none."""
    found = _HEADER.fullmatch(header)
    if found is None or (found[1] == _FIRST_VERSION and found[5]):
        return None
    # Of the flags, only the first is defined in the version that is sent on.
    return TraceParent(found[2], found[3], f"{int(found[4], 16) & 1:02x}")


def begun_by(name: str) -> TraceParent:
    """Return the trace that a request or a delivery of this name begins: always the same for the same name.

    A name of 32 hexadecimal digits, such as a UUID, is the id of the trace itself.
    """
    trace_id = name.replace("-", "").lower()
    if not _ID.fullmatch(trace_id):
        trace_id = sha256(name.encode()).hexdigest()[:32]
    return TraceParent(trace_id, trace_id[:16])
