"""Keys by which a pact says what is expected: one that is misspelt would expect nothing, in silence."""

from collections.abc import Mapping
from dataclasses import field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from tally.pact.json_fields import refuse
from tally.values import dataclass

_ALIKE = 0.8  # "stauts" for "status", but not "statusText"


@dataclass(frozen=True)
class KnownKeys:
    """The keys of one kind of object; *others* are words of other formats, with the key that is meant."""

    names: tuple[str, ...]
    others: Mapping[str, str] = field(default_factory=dict)

    def check(self, part: Mapping[str, Any], place: str) -> None:
        """Refuse a key that looks like one of these which is not there itself; others may be anything."""
        for key in part:
            meant = None if key in self.names else self._meant_by(key)
            if meant and meant not in part:
                refuse(f"{place}.{key}".lstrip("."), f'is not known here; did you mean "{meant}"?')

    def _meant_by(self, key: str) -> str | None:
        return self.others.get(key) or _nearest(key, self.names)


@lru_cache(maxsize=1024)
def _nearest(key: str, names: tuple[str, ...]) -> str | None:
    plain = {_plain(name): name for name in reversed(names)}  # of two spellings, the first
    near = get_close_matches(_plain(key), plain, n=1, cutoff=_ALIKE)
    return plain[near[0]] if near else None


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


_RULES = ("matchingRules", "generators")
_STATES = ("providerStates", "providerState", "provider_state")

DOCUMENT = KnownKeys(("interactions", "messages"))
EXCHANGE = KnownKeys(
    ("request", "response", *_STATES), {"states": "providerStates", "state": "providerState"}
)
REQUEST = KnownKeys(
    ("method", "path", "query", "headers", "body", "requestMatchingRules", *_RULES),
    {"content": "body", "contents": "body", "queries": "query", "queryString": "query", "params": "query"}
    | {"responseMatchingRules": "matchingRules"},
)
RESPONSE = KnownKeys(
    ("status", "headers", "body", "responseMatchingRules", *_RULES),
    {"content": "body", "contents": "body", "statusCode": "status", "status_code": "status", "code": "status"}
    | {"requestMatchingRules": "matchingRules"},
)
MESSAGE = KnownKeys(
    ("contents", "metadata", "metaData", *_RULES, *_STATES),
    {"body": "contents", "payload": "contents", "message": "contents", "headers": "metadata"},
)
