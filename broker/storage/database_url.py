"""The URL of a database: its driver, and its parameters, each in its own type."""

import os
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_THRESHOLD = "prepare_threshold"
"""After how many executions the driver has a statement prepared: ours all come again."""
_ALIVE = "keepalives_idle"
SECONDS_IDLE = 60
"""Until a connection that rests says that it is there: firewalls drop what is silent for some minutes."""
SECONDS_TO_CONNECT = 5
"""For a machine that does not answer at all, unless the URL or libpq's environment says otherwise."""
# A server that is gone without a word is noticed within about ten seconds, also in the middle of an answer.
_OF_STANDBY = {
    "connect_timeout": "2",
    "tcp_user_timeout": "5000",
    _ALIVE: "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}
# What psycopg takes as objects of Python; all others are libpq's, which checks them.
_NOT_IN_A_URL = {"autocommit", "context", "cursor_factory", "row_factory"}
_OF_SQLITE = {
    "timeout": float,
    "cached_statements": int,
    **dict.fromkeys(("uri", "mode", "cache", "vfs", "nolock", "immutable", "psow"), str),
}


class UnusableParameterError(ArgumentError):
    """A parameter of the URL does not exist, or has a value that it cannot have; the text names it."""


def with_driver(url: str) -> str:
    """Return the URL with the driver that is installed, psycopg 3, for postgres:// and postgresql://."""
    scheme, separator, rest = url.partition("://")
    return "postgresql+psycopg" + separator + rest if scheme in {"postgres", "postgresql"} else url


def of_standby(url: str) -> str:
    """Return the URL of a standby with how long to wait for it, unless it says so: the primary is there.

    Raises ArgumentError when it is not of PostgreSQL.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "postgresql":
        raise ArgumentError(f"{parsed.get_backend_name()} has no standby")
    query = {name: value for name, value in _OF_STANDBY.items() if name not in parsed.query}
    return parsed.update_query_dict(query).render_as_string(hide_password=False)


def read(url: str) -> tuple[URL, dict[str, Any]]:
    """Return the URL for SQLAlchemy, and what the driver is given besides.

    Raises ArgumentError when the database is neither of SQLite nor of PostgreSQL, UnusableParameterError.
    """
    parsed = _parsed(url)
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise ArgumentError(f"{backend} is neither sqlite nor postgresql")
    for name, value in parsed.query.items():
        if not isinstance(value, str):
            raise UnusableParameterError(f"{name} is given twice")
    return _of_postgresql(parsed) if backend == "postgresql" else _of_sqlite(parsed)


def _parsed(url: str) -> URL:
    try:
        return make_url(with_driver(url))
    except ValueError:
        raise ArgumentError("The port is not a number") from None


def _of_postgresql(url: URL) -> tuple[URL, dict[str, Any]]:
    for name in sorted(_NOT_IN_A_URL & set(url.query)):
        raise UnusableParameterError(f"{name} cannot be chosen in the URL")
    arguments: dict[str, Any] = {_THRESHOLD: 1}
    if "connect_timeout" not in url.query and "PGCONNECT_TIMEOUT" not in os.environ:
        arguments["connect_timeout"] = SECONDS_TO_CONNECT
    if _ALIVE not in url.query:
        arguments[_ALIVE] = SECONDS_IDLE
    if _THRESHOLD not in url.query:
        return url, arguments
    text = str(url.query[_THRESHOLD])
    if text.lower() != "none" and not text.isdecimal():
        raise UnusableParameterError(f"{_THRESHOLD} must be a whole number or none, not {text!r}")
    number = None if text.lower() == "none" else int(text)
    return url.difference_update_query([_THRESHOLD]), {**arguments, _THRESHOLD: number}


def _of_sqlite(url: URL) -> tuple[URL, dict[str, Any]]:
    for name, text in url.query.items():
        if name not in _OF_SQLITE:
            raise UnusableParameterError(
                f"{name} is no parameter of SQLite; there are {', '.join(_OF_SQLITE)}"
            )
        try:
            _OF_SQLITE[name](str(text))
        except ValueError:
            raise UnusableParameterError(f"{name} must be a number, not {text!r}") from None
    return url, {"timeout": 5, "check_same_thread": False, "isolation_level": None}
