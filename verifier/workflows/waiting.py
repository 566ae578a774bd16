"""How long to wait before a step is tried again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tally.workflows.model import Action

_FIRST_WAIT = 0.1
_GROWTH = 2.0
LONGEST_WAIT = 300.0
"""In seconds; what an action or a Retry-After asks beyond that is not waited for."""


def wait_before(
    action: Action, retries: int, headers: Mapping[str, str], now: datetime | None = None
) -> float:
    """Return the seconds to wait before the next attempt, after so many *retries* already.

    A Retry-After header comes first, then the action's retryAfter, then 0.1, 0.2, 0.4 … seconds.
    """
    asked = _asked_for(headers.get("retry-after", ""), now or datetime.now(UTC))
    if asked is not None:
        return min(asked, LONGEST_WAIT)
    first, growth = (
        (_FIRST_WAIT, action.backoff or _GROWTH)
        if action.retry_after is None
        else (action.retry_after, action.backoff or 1.0)
    )
    try:
        return min(first * growth**retries, LONGEST_WAIT)
    except OverflowError:
        return LONGEST_WAIT


def _asked_for(header: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date (RFC 9110, 10.2.3)."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
