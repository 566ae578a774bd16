"""Media types: which of those that an operation declares a request or a response means."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from tally.service_contract.model import MediaType
from tally.values import dataclass


@dataclass(frozen=True)
class MediaRange:
    """A media type or a range of them, with its parameters; *quality* is the q of an Accept header."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    quality: float = 1.0

    @cached_property
    def essence(self) -> str:
        """Type and subtype."""
        return f"{self.type}/{self.subtype}"

    @property
    def plain_subtype(self) -> str:
        """What the content is, whatever it means: "json" for "vnd.orders.v1+json"."""
        return self.subtype.rpartition("+")[2]


@lru_cache(maxsize=4096)
def read_range(text: str) -> MediaRange:
    """Return the media range that *text* is; quotes around parameters do not count."""
    essence, *written = (part.strip() for part in text.split(";"))
    kind, _, subtype = essence.lower().partition("/")
    pairs = (part.partition("=") for part in written if part)
    parameters = {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}
    quality = _quality(parameters.pop("q", "1"))
    return MediaRange(kind, subtype or "*", tuple(sorted(parameters.items())), quality)


@lru_cache(maxsize=4096)
def read_accept(values: tuple[str, ...]) -> tuple[MediaRange, ...]:
    """Return the ranges of Accept headers, the most wanted first, without those that are not wanted (q=0)."""
    ranges = [read_range(part) for value in values for part in value.split(",") if part.strip()]
    return tuple(sorted((each for each in ranges if each.quality > 0), key=lambda each: -each.quality))


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0


def closeness(declared: MediaRange, actual: MediaRange) -> int:
    """Return how closely two ranges say the same, 0 when they do not.

    Parameters that both have must be equal, except for the charset. The same type is closer than the same
    kind of content ("application/vnd.x+json" is JSON), and that is closer than a wildcard.
    """
    if declared.essence == actual.essence and declared.parameters == actual.parameters:
        return 5
    one, other = dict(declared.parameters), dict(actual.parameters)
    if any(
        one[name] != other[name] for name in one.keys() & other.keys() if name not in {"charset", "boundary"}
    ):
        return 0
    if declared.essence == actual.essence:
        return 4
    if _is_same_content(declared, actual):
        return 3
    if declared.type == actual.type and "*" in (declared.subtype, actual.subtype):
        return 2
    return 1 if "*" in (declared.type, actual.type) else 0


def _is_same_content(one: MediaRange, other: MediaRange) -> bool:
    """Whether one says what the content is, and the other what it means: two meanings are two contents."""
    if one.type != other.type or one.plain_subtype != other.plain_subtype:
        return False
    return ("+" in one.subtype) != ("+" in other.subtype)


def best(declared: Sequence[MediaType], actual: MediaRange) -> MediaType | None:
    """Return the declared media type that describes *actual* most closely, or None."""
    ranked = [(closeness(read_range(content.content_type), actual), content) for content in declared]
    close, content = max(ranked, key=lambda pair: pair[0], default=(0, None))
    return content if close else None


def accepted(declared: Sequence[MediaType], accept: Sequence[MediaRange]) -> MediaType | None:
    """Return the declared media type that a client with these Accept headers wants most, or None."""
    for wanted in accept:
        found = best(declared, wanted)
        if found is not None:
            return found
    return None
