"""The metadata segment of a pact's URL: why a provider was given this pact (Pact Broker reference §6.4).

It travels from the pacts for verification to the results, so that the broker knows for which consumer
versions, and under which rules, a result was made.
"""

import base64
import binascii
from dataclasses import field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus

from tally.values import dataclass

# More would make a URL that proxies refuse. Results count for the content, whatever versions are named.
MAX_VERSIONS = 20
# A provider is told of the same few names many times.
_quoted = lru_cache(maxsize=4096)(quote_plus)


class FoundBy(NamedTuple):
    """A consumer version, and what it was found by: the head of a branch, a tag, an environment."""

    consumer_version: str
    branch: str | None = None
    tag: str | None = None
    environment: str | None = None
    latest: bool = False


@dataclass(frozen=True)
class Metadata:
    """What the segment says: numbers of versions, newest first; *pending* is None when it was not asked for.

    *found_by* is for people who decode the URL; the broker does not read it back.
    """

    consumer_versions: tuple[str, ...] = ()
    pending: bool | None = None
    wip: bool = False
    found_by: tuple[FoundBy, ...] = field(default=(), compare=False)


def encode(metadata: Metadata) -> str:
    """Return the segment: URL-safe Base64, without padding, of a query string."""
    pairs = [pair for found in metadata.found_by[:MAX_VERSIONS] for pair in _found_by(found)]
    written = {found.consumer_version for found in metadata.found_by[:MAX_VERSIONS]}
    others = [number for number in metadata.consumer_versions[:MAX_VERSIONS] if number not in written]
    if len(metadata.consumer_versions) == 1 and others:
        pairs.append(("cvn", others[0]))
    else:
        pairs += [("s[][cvn]", number) for number in others]
    if metadata.pending is not None:
        pairs.append(("p", "true" if metadata.pending else "false"))
    if metadata.wip:
        pairs.append(("w", "true"))
    # Not urlencode: the keys are ours, and quoting them as well takes as long as all the rest.
    query = "&".join(f"{key}={_quoted(value)}" for key, value in pairs)
    return base64.urlsafe_b64encode(query.encode()).decode().rstrip("=")


def _found_by(found: FoundBy) -> list[tuple[str, str]]:
    said = (
        ("b", found.branch),
        ("t", found.tag),
        ("e", found.environment),
        ("l", "true" if found.latest else None),
        ("cvn", found.consumer_version),
    )
    return [(f"s[][{key}]", value) for key, value in said if value is not None]


def decode(segment: str) -> Metadata:
    """Return what the segment says; empty metadata when it cannot be decoded.

    Padding and both Base64 alphabets are accepted.
    """
    text = segment.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        query = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return Metadata()
    pairs = [
        (key, value) for key, value in parse_qsl(query) if "\0" not in value
    ]  # no version has that in its number
    said = dict(pairs)
    return Metadata(
        consumer_versions=tuple(dict.fromkeys(value for key, value in pairs if key in {"cvn", "s[][cvn]"})),
        pending=said["p"] == "true" if "p" in said else None,
        wip=said.get("w") == "true",
    )
