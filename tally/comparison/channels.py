"""Which channel of a service contract a name in a pact means."""

import re
from functools import lru_cache

from tally.comparison.path_segments import Segment
from tally.service_contract.model import MessageOperation

_PARAMETER = re.compile(r"\{[^{}]*\}")


def is_on(operation: MessageOperation, name: str) -> bool:
    """Whether *name* is the channel of the operation: what it is called, or an address that fits its own."""
    if name == operation.channel_name:
        return True
    template, parts = _segments(operation.channel), name.split("/")
    return len(template) == len(parts) and all(
        segment.spans(part) is not None for segment, part in zip(template, parts, strict=True)
    )


@lru_cache(maxsize=1024)
def _segments(address: str) -> tuple[Segment, ...]:
    return tuple(Segment(tuple(_PARAMETER.split(part))) for part in address.split("/"))
