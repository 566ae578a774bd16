"""Questions about the past: `at=2026-10-01T00:00:00Z`."""

from datetime import UTC, datetime

from broker.domain import removal
from broker.domain.errors import MatrixSelectorError
from broker.services.decisions.decide import ExplainedDecision
from broker.web.hal import Hal
from broker.web.query import Query

_EXAMPLE = "2026-10-01T00:00:00Z"


def at(asked: Query, now: datetime) -> datetime | None:
    """Return the moment that is asked about, or None for the present. Raises MatrixSelectorError."""
    value = asked.values.get("at")
    if value is None:
        return None
    moment = parse(value.strip())
    if moment is None:
        raise MatrixSelectorError([f"at must be a time such as {_EXAMPLE}"], "at")
    if moment.tzinfo is None:
        written = moment.isoformat()
        raise MatrixSelectorError([f"at needs a time zone: {written}Z for UTC, or {written}+02:00"], "at")
    if moment > now:
        raise MatrixSelectorError(
            [f"at is in the future: it is {exact(now)}. Leave it out to ask about now"], "at"
        )
    return moment


def exact(moment: datetime) -> str:
    """Return the moment in UTC, with fractions of seconds where it has them."""
    return moment.astimezone(UTC).isoformat()


def notices(found: ExplainedDecision) -> list[Hal]:
    """Return the notices of an answer about the past; none for an answer about now."""
    if found.at is None:
        return []
    moment = exact(found.at)
    about = {"type": "info", "text": f"As of {moment}: this is what the broker would have answered then."}
    return [about, *({"type": "warning", "text": line} for line in removal.in_words(found.removals))]


def parse(value: str) -> datetime | None:
    """Return the moment, which may lack a time zone; None for what is none."""
    # A plus that was not percent-encoded arrives as a space: 2026-10-01T00:00:00 02:00
    date, _, zone = value.rpartition(" ")
    for text in (value, f"{date}+{zone}"):
        try:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
