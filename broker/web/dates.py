"""Dates in the forms that people and pipelines write."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_ZONE_BY_NAME = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
# A plus that was not encoded in a query string arrives as a space.
_ZONE_BY_NUMBER = re.compile(r"(?<=:\d\d)\s+([+-]?)(\d{2}:?\d{2})$")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%z")


def lenient(text: str) -> datetime | None:
    """Return the moment in UTC that *text* means, or None when it is no date.

    A date alone means its first moment; without a zone it is in UTC. Day and month as numbers are accepted
    only after the year, because 01/02/2026 is ambiguous.
    """
    written = " ".join(text.replace(",", " ").split())
    iso = _ZONE_BY_NAME.sub("+00:00", written)
    iso = _ZONE_BY_NUMBER.sub(lambda zone: (zone[1] or "+") + zone[2], iso)
    moment = _iso(iso) or _by_format(iso) or _of_mail(text)
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _by_format(text: str) -> datetime | None:
    for form in (date + time for date in _DATES for time in _TIMES):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - its caller knows what no zone means
        except ValueError:
            continue
    return None


def _of_mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
