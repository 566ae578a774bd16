"""The metadata segment of a pact's URL: why a provider was given this pact (Pact Broker reference §6.4).

It travels from the pacts for verification to the results, so that the broker knows for which consumer
versions, and under which rules, a result was made.
"""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

# More would make a URL that proxies refuse; results count for the content, whatever versions are named.
MAX_VERSIONS = 20


@dataclass(frozen=True)
class Metadata:
    """What the segment says: numbers, newest first; *pending* is None when nobody asked."""

    consumer_versions: tuple[str, ...] = ()
    pending: bool | None = None
    wip: bool = False


def encode(metadata: Metadata) -> str:
    """Return the segment: URL-safe Base64, without padding, of a query string."""
    pairs = [("s[][cvn]", number) for number in metadata.consumer_versions[:MAX_VERSIONS]]
    if len(metadata.consumer_versions) == 1:
        pairs = [("cvn", metadata.consumer_versions[0])]
    if metadata.pending is not None:
        pairs.append(("p", "true" if metadata.pending else "false"))
    if metadata.wip:
        pairs.append(("w", "true"))
    return base64.urlsafe_b64encode(urlencode(pairs, safe="[]").encode()).decode().rstrip("=")


def decode(segment: str) -> Metadata:
    """Return what the segment says; nothing when it cannot be read.

    Padding and both Base64 alphabets are accepted.
    """
    text = segment.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        query = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return Metadata()
    pairs = parse_qsl(query)
    said = dict(pairs)
    return Metadata(
        consumer_versions=tuple(value for key, value in pairs if key in {"cvn", "s[][cvn]"}),
        pending=said["p"] == "true" if "p" in said else None,
        wip=said.get("w") == "true",
    )
