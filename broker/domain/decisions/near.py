"""What a name in a question may be the name of, and which existing names are near one that is not there."""

from collections.abc import Sequence
from difflib import get_close_matches
from enum import Enum

from broker.domain.limits import NAME

MOST = 5


class Named(Enum):
    """What a name in a question may be the name of."""

    VERSION = "version"
    BRANCH = "branch"
    TAG = "tag"


def nearest(name: str, existing: Sequence[str]) -> list[str]:
    """Return the names that begin as *name* does, or are most alike; without any, the first ones."""
    beginning = [other for other in existing if other.startswith(name)] if name else []
    alike = get_close_matches(name, existing, n=MOST, cutoff=0.5) if len(name) <= NAME else []
    return (list(dict.fromkeys([*beginning, *alike])) or list(existing))[:MOST]
