"""Media types and ranges of them ("application/*"), as contracts declare them."""

from collections.abc import Iterable

from tally.pact.bodies import media_type
from tally.service_contract.model import MediaType


def is_text(content_type: str) -> bool:
    """Whether bodies with this media type are plain text that a schema can look at."""
    return media_type(content_type).startswith("text/")


def best_content(declared: Iterable[MediaType], actual: str | None) -> MediaType | None:
    """Return the entry that describes the media type *actual* most closely, or None when none does."""
    ranked = [(_closeness(content.content_type, actual), content) for content in declared]
    closeness, content = max(ranked, key=lambda pair: pair[0], default=(0, None))
    return content if closeness else None


def _closeness(declared: str, actual: str | None) -> int:
    """Return 3 for the same media type, 2 and 1 for ranges, 0 when *declared* does not describe *actual*."""
    wanted, given = media_type(declared), media_type(actual)
    if wanted == given:
        return 3
    if wanted == "*/*":
        return 1
    return 2 if wanted.endswith("/*") and given.startswith(wanted[:-1]) else 0
