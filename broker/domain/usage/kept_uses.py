"""What is kept of a pact for the question who uses what."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from tally.errors import InvalidContractError
from tally.pact import parse_pact
from tally.usage.uses import Uses, anything, uses_of

MOST_BYTES = 4_000_000
"""A larger pact would keep others waiting while it is read: then it may use everything."""
MOST_BEGINNINGS = 5_000
"""Uses of a pair of which it is known since when there are some."""


def uses_in(text: bytes) -> Uses:
    """Return what a pact uses; when it cannot be known, it may be everything, with the reason."""
    if len(text) > MOST_BYTES:
        return anything(f"the pact is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        return uses_of(parse_pact(orjson.loads(text)))
    except InvalidContractError as error:
        return anything(f"the pact cannot be read: {error}"[:300])
    except (ValueError, RecursionError):
        return anything("the pact cannot be read")


def written(uses: Uses) -> bytes:
    """Return *uses* as they are kept."""
    return orjson.dumps(uses.as_json())


def read(text: bytes) -> Uses:
    """Return what `written` wrote."""
    return Uses.from_json(orjson.loads(text))


def begun(known: bytes | None, uses: Uses, now: datetime) -> bytes:
    """Return since when a consumer uses what: what is new begins now. The oldest are kept."""
    moments: dict[str, int] = orjson.loads(known) if known else {}
    for use in uses.uses:
        for key in use.part_keys():
            if key not in moments and len(moments) < MOST_BEGINNINGS:
                moments[key] = int(now.timestamp())
    return orjson.dumps(moments)


def moments(text: bytes | None) -> Mapping[str, int]:
    """Return the seconds by the keys of uses."""
    found: dict[str, int] = orjson.loads(text) if text else {}
    return found
