"""The protection of webhooks at the start: which keys there are, and what is not encrypted yet."""

import logging
from collections.abc import Callable
from dataclasses import replace

from broker.databases import open_database
from broker.logs import tell
from broker.services.webhooks import credentials
from broker.services.webhooks.secrets import UnusableKeyError, new_key
from broker.settings.settings import Settings
from broker.start_up.start_up import give_up
from broker.storage.key_file import existing_key_beside, key_beside


def protect_webhooks(settings: Settings) -> Settings:
    """Return the settings with all keys that there are, as `with_all_keys`."""
    try:
        return with_all_keys(settings, lambda text: tell(text, logging.WARNING))
    except UnusableKeyError as error:
        give_up(str(error))


def with_all_keys(settings: Settings, warn: Callable[[str], None]) -> Settings:
    """Return the settings with all keys that there are; encrypt what is stored of webhooks in the clear.

    Without a key in the settings, a SQLite database has one in a file beside it. Warns about what cannot be
    protected, or not be read any more. Raises UnusableKeyError.
    """
    settings = _with_key_file(settings, warn)
    database = open_database(settings)
    try:
        with database.reading() as storage:
            found = credentials.found(storage, settings)
        if found.open and settings.secrets_key:
            with database.erasing() as storage:
                credentials.protect(storage, settings)
    finally:
        database.close()
    if found.open and not settings.secrets_key:
        warn(
            f"the headers and passwords of {found.open} webhooks are stored in the clear: set "
            "TALLY_SECRETS_KEY to encrypt them."
        )
    if found.unreadable:
        warn(
            f"the headers and passwords of {found.unreadable} webhooks were stored with a key that is "
            "missing, and these are not sent: give the key in TALLY_SECRETS_KEY, or update the webhooks."
        )
    return settings


def _with_key_file(settings: Settings, warn: Callable[[str], None]) -> Settings:
    url = settings.database_url
    try:
        key = existing_key_beside(url) if settings.secrets_key else key_beside(url, new_key())
    except (OSError, UnicodeDecodeError) as error:
        warn(
            f"the key of secrets beside the database cannot be made or read: {error}. Set TALLY_SECRETS_KEY."
        )
        return settings
    keys = dict.fromkeys((*settings.secrets_key, *key.split()))
    return replace(settings, secrets_key=tuple(keys))
