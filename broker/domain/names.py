"""Display names of pacticipants and environments, and names that resemble others (reference §4.2, §5.9)."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from broker.domain.limits import NAME

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W_A-Z]+|[A-Z]+|[^\W_]+")
_NOISE = frozenset({"api", "provider", "service"})


def display_name(name: str) -> str:
    """Return the name for people: "foo-barBaz" is "Foo Bar Baz"."""
    return " ".join(word[:1].upper() + word[1:] for word in _WORD.findall(name)) or name


def resembling(name: str, existing: list[str]) -> list[str]:
    """Return the existing names that *name* may be a misspelling of; none if it exists exactly."""
    if name in existing:
        return []
    essence = _essence(name)
    return [other for other in existing if essence and _essence(other) == essence]


def did_you_mean(name: str, existing: Iterable[str], *, cutoff: float = 0.5) -> str:
    """Return a hint at the existing name that is most alike, to be put behind a sentence; "" if none is.

    *cutoff* is how much of the two has to be alike, from 0 to 1.
    """
    if len(name) > NAME:  # comparing takes its time, and nobody misspells like that
        return ""
    by_lower_case = {other.lower(): other for other in existing}
    near = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=cutoff)
    return f" (did you mean '{by_lower_case[near[0]]}'?)" if near else ""


def _essence(name: str) -> tuple[str, ...]:
    words = (word.lower().removesuffix("s") for word in _WORD.findall(name.replace("::", "/")))
    return tuple(word for word in words if word not in _NOISE)
