"""Why connections were closed before their clients did so."""

from enum import Enum
from http import HTTPStatus


class GivenUp(Enum):
    """Why a connection was closed before its client did so."""

    IDLE = "idle"
    """Nothing came for as long as it is kept: that is as it should be."""
    NUMBER = "number"
    """There were as many as there may be, or as many of its address."""
    TIME = "time"
    """What the client owed took too long."""
    HEADERS = "headers"
    """It had too many headers, or larger ones than any may have."""
    MALFORMED = "malformed"
    """It was no HTTP."""
    UNREAD = "unread"
    """The client took nothing of an answer for too long."""


_WHY = {
    HTTPStatus.SERVICE_UNAVAILABLE: GivenUp.NUMBER,
    HTTPStatus.REQUEST_TIMEOUT: GivenUp.TIME,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: GivenUp.HEADERS,
}


def why_given_up(status: HTTPStatus, *, is_idle: bool) -> GivenUp:
    """Return why, by what a client is told that has sent something."""
    if is_idle and status is HTTPStatus.REQUEST_TIMEOUT:
        return GivenUp.IDLE
    return _WHY.get(status, GivenUp.MALFORMED)
