"""A received request against one that is declared, by the matching engine that the verifier uses too."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from urllib.parse import unquote

from consumer_sdk.judging.exchanges import ReceivedRequest
from tally.matching import BodyMatchers, Mismatch, match_request
from tally.pact import HttpInteraction, Request, read_body
from tally.pact.http_parts import read_query

_ESCAPE = re.compile("%[0-9a-f]{2}")
_WEIGHTS = {"method": 3.0, "path": 6.0}
"""How much a difference says that another interaction is meant; all others count 1, up to `_MOST`."""
_MOST = 2.5
_ALIKE = 0.6
"""How much of two paths must be the same for one to be meant as the other."""


@dataclass(frozen=True)
class Comparison:
    """What differs between a received request and a declared interaction; *actual* is how it was read."""

    interaction: HttpInteraction
    actual: Request
    mismatches: tuple[Mismatch, ...]

    @property
    def distance(self) -> float:
        """How far the request is from the declared one: 0 is the same."""
        total, others = 0.0, 0.0
        for mismatch in self.mismatches:
            weight = _WEIGHTS.get(mismatch.kind)
            if mismatch.kind == "path" and weight is not None:
                total += weight * (1 - _likeness(self.interaction.request.path, self.actual.path))
            elif weight is not None:
                total += weight
            else:
                others += 1
        return total + _MOST * others / (others + 2)

    @property
    def is_alike(self) -> bool:
        """Whether the request may have been meant to be this one."""
        kinds = {each.kind for each in self.mismatches}
        likeness = _likeness(self.interaction.request.path, self.actual.path) if "path" in kinds else 1
        return likeness >= _ALIKE and not {"method", "path"} <= kinds


def compare(received: ReceivedRequest, interaction: HttpInteraction, bodies: BodyMatchers) -> Comparison:
    """Compare in each way that the request can be read, and return the one with the fewest differences."""
    best: Comparison | None = None
    for actual in _readings(received):
        found = Comparison(interaction, actual, match_request(interaction.request, actual, bodies=bodies))
        if not found.mismatches:
            return found
        if best is None or len(found.mismatches) < len(best.mismatches):
            best = found
    assert best is not None  # noqa: S101 - there is always a first reading
    return best


def _readings(received: ReceivedRequest) -> Iterator[Request]:
    """Yield the request with its path decoded, then as it was sent; and with its content as it was sent.

    Clients spell the same URL differently ("[1]" and "%5B1%5D"), and a test may declare either.
    """
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in received.headers:
        headers[name.lower()] = (*headers.get(name.lower(), ()), value)
    content_type = headers.get("content-type", (None,))[0]
    content = _without_coding(received.body, ", ".join(headers.get("content-encoding", ())))
    path = unquote(received.path)
    first = Request(
        method=received.method,
        path=path,
        query=read_query(received.query),
        headers=headers,
        body=read_body(content or None, content_type),
    )
    yield first
    spelt = _ESCAPE.sub(lambda found: found[0].upper(), received.path)
    if spelt != path:
        yield replace(first, path=spelt)
    if content != received.body:
        yield replace(first, body=read_body(received.body, content_type))


def _without_coding(content: bytes, coding: str) -> bytes:
    """Return content that was sent in gzip or deflate as what it says."""
    if not content or coding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return content
    with suppress(zlib.error):
        return zlib.decompress(content, 47)
    return content


def _likeness(one: str, other: str) -> float:
    """Return how much two paths have in common, from 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
