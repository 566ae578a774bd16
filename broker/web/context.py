"""What a view needs of its application: transactions, links, settings and the time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, request

from broker.settings import Settings
from broker.storage.database import Database
from broker.storage.storage import Storage
from broker.web.hal import Links
from broker.web.measuring import Measurements

_KEY = "tallystick"


@dataclass(frozen=True)
class Context:
    """What `create_app` wires into an application."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    measurements: Measurements


def install(extensions: dict[str, object], context: Context) -> None:
    """Keep *context* among the application's extensions."""
    extensions[_KEY] = context


def _context() -> Context:
    context = current_app.extensions[_KEY]
    assert isinstance(context, Context)  # noqa: S101 - only `install` writes it
    return context


def transaction() -> AbstractContextManager[Storage]:
    """Yield a Storage to change things with; the changes are committed at the end of the block."""
    return _context().database.transaction()


def reading() -> AbstractContextManager[Storage]:
    """Yield a Storage to read from."""
    return _context().database.reading()


def database() -> Database:
    """Return the database itself, for diagnosis."""
    return _context().database


def settings() -> Settings:
    """Return the settings of this application."""
    return _context().settings


def measurements() -> Measurements:
    """Return what this application measures."""
    return _context().measurements


def now() -> datetime:
    """Return the time, which tests may choose."""
    return _context().clock()


def links() -> Links:
    """Return what makes links: from the configured base URL, or from the request's own address."""
    return Links(_context().settings.base_url.rstrip("/") or request.host_url.rstrip("/"))
