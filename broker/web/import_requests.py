"""Requests that copy data from another broker.

Their header Tally-Import-Date says when it was stored there. What they store gets that date. They trigger no
webhook, and have no side effects: the other broker has recorded those itself.
"""

from dataclasses import replace
from datetime import UTC, datetime

from flask import request

from broker.domain.errors import ValidationError
from broker.settings.settings import Settings

HEADER = "Tally-Import-Date"
_METHODS = ("PATCH", "POST", "PUT")
_IN_ENVIRON = "HTTP_TALLY_IMPORT_DATE"


def has_date() -> bool:
    """Return whether the request says a date, which may be none."""
    return _IN_ENVIRON in request.environ


def date() -> datetime | None:
    """Return the date of what this request copies; None for a request that copies nothing.

    Raises ValidationError for what is no date with a time zone.
    """
    text = request.environ.get(_IN_ENVIRON)
    if text is None or request.method not in _METHODS:
        return None
    moment = _parse(text)
    if moment is None:
        raise ValidationError({HEADER: ["must be a date with its time zone: 2026-10-01T00:00:00+00:00"]})
    return moment


def _parse(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # out of range in UTC: before the year 1, or after 9999
        return None


def without_implications(settings: Settings) -> Settings:
    """Return settings under which branches and tags have no side effects, and every name is accepted."""
    return replace(
        settings,
        auto_detect_main_branch=False,
        check_for_potential_duplicate_pacticipant_names=False,
        create_deployed_versions_for_tags=False,
        use_first_tag_as_branch=False,
    )
