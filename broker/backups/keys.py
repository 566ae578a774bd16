"""The keys of secrets, which are in no backup: told apart by their fingerprints."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from broker.services.webhooks import credentials, secrets
from broker.settings.settings import Settings
from broker.storage.key_file import existing_key_beside
from broker.storage.storage import Storage

_DIGITS = 16


def with_all_keys(settings: Settings) -> Settings:
    """Return the settings with the key beside the database, if there is one.

    Raises OSError, UnicodeDecodeError.
    """
    beside = existing_key_beside(settings.database_url).split()
    return replace(settings, secrets_key=tuple(dict.fromkeys((*settings.secrets_key, *beside))))


def check_keys(settings: Settings) -> None:
    """Raise UnusableKeyError when one of the keys is none; a database may need no key."""
    if settings.secrets_key:
        secrets.SecretKeys(settings.secrets_key)


def fingerprints(settings: Settings) -> Sequence[str]:
    """Return a hash of each key: it tells keys apart, and nobody finds the key by it."""
    return [fingerprint(key) for key in settings.secrets_key]


def fingerprint(key: str) -> str:
    """Return the first digits of a SHA-256. Keys are random, so that nobody can guess one and compare."""
    return hashlib.sha256(b"a key of Tallystick\0" + key.encode()).hexdigest()[:_DIGITS]


def unreadable(storage: Storage, settings: Settings) -> int:
    """Return how many secrets and webhooks none of the keys opens. Raises UnusableKeyError."""
    return credentials.found(storage, settings).unreadable + secrets.unreadable(storage, settings)
