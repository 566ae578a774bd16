"""What a result says of each interaction: whether it passed, and how long it took.

Verifiers write different formats (reference §7.1). Our own gives `durationMs`; JSON of RSpec has `run_time`,
in seconds. Others give no durations: then only the verdicts are counted.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson

from broker.domain import limits
from broker.domain.verifications.interaction_outcomes import is_success, tests_of
from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.values import dataclass

MOST = 5000
"""How many interactions of one result are counted each for itself."""
_LONGEST = 86_400_000.0  # a day, in milliseconds: more is a mistake


@dataclass(frozen=True)
class MeasuredInteraction:
    """An interaction in a result; *milliseconds* is None when the result does not tell."""

    id: str
    description: str
    success: bool
    milliseconds: float | None

    @property
    def name(self) -> str:
        """What it is called: its description, or its id if it has none."""
        return self.description or self.id

    @property
    def identity(self) -> str:
        """What tells it from the others of its pact: its id, or its description if it has none."""
        return self.id or self.description

    @property
    def key(self) -> str:
        """What stands for the name in tables: short, whatever its length."""
        return blake2b(self.name.encode("utf-8", "replace"), digest_size=16).hexdigest()


def measured(test_results: bytes | None) -> list[MeasuredInteraction]:
    """Read a result; what is in an unknown format is ignored."""
    return list(islice(_interactions(_parsed(test_results)), MOST)) if test_results else []


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text)  # much faster, and the digits of numbers do not matter here
    except orjson.JSONDecodeError:
        pass  # a number that is too large for it
    try:
        return parse_exactly(text)
    except InvalidContractError:  # of an earlier release, which took it
        return None


def _interactions(parsed: Any) -> Iterator[MeasuredInteraction]:
    for test in tests_of(parsed):
        identity, description = (
            _text(test.get(name)) for name in ("interactionId", "interactionDescription")
        )
        if identity or description:
            yield MeasuredInteraction(identity, description, is_success(test), _milliseconds(test))


def _text(value: object) -> str:
    return value[: limits.NAME] if isinstance(value, str) else ""


def _milliseconds(test: Mapping[str, Any]) -> float | None:
    for name, factor in (("durationMs", 1.0), ("run_time", 1000.0)):
        value = test.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            # Compared before it becomes a float, which has an end: a whole number of JSON has none.
            return value * factor if 0 <= value <= _LONGEST / factor else None
    return None


def packed(interactions: list[MeasuredInteraction]) -> bytes:
    """Return the interactions as short JSON, to be counted later."""
    return orjson.dumps(
        [[each.id, each.description, each.success, each.milliseconds] for each in interactions]
    )


def unpacked(text: bytes) -> list[MeasuredInteraction]:
    """Read what `packed` wrote."""
    return [MeasuredInteraction(*row) for row in orjson.loads(text)]


def turned(now: list[MeasuredInteraction], before: list[MeasuredInteraction]) -> set[str]:
    """Return the identities of the interactions whose verdict is another one than *before*.

    For the same content and provider version that is what flaky means.
    """
    earlier = _verdicts(before)
    return {key for key, success in _verdicts(now).items() if earlier.get(key, success) is not success}


def _verdicts(interactions: list[MeasuredInteraction]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for each in interactions:
        found[each.identity] = found.get(each.identity, True) and each.success
    return found
