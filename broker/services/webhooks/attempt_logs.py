"""Logs of attempts: encrypted when stored, if there is a key. They show headers, and what is answered."""

from dataclasses import replace

from broker.domain.webhooks.delivery import DeliveryAttempt
from broker.services.webhooks.secrets import SecretKeys, UnusableKeyError
from broker.settings.settings import Settings
from broker.storage.storage import Storage

_ENCRYPTED = "encrypted:"
_LOST = "This log was stored with a key that is not in TALLY_SECRETS_KEY\n"
_AT_ONCE = 500


def as_stored(log: str, settings: Settings) -> str:
    """Return the log as it is stored; without a usable key, as it is."""
    try:
        return _ENCRYPTED + SecretKeys(settings.secrets_key).encrypt(log).decode()
    except UnusableKeyError:
        return log


def readable(attempt: DeliveryAttempt, settings: Settings) -> DeliveryAttempt:
    """Return the attempt with its log, or with a sentence where the key is missing."""
    if not attempt.logs.startswith(_ENCRYPTED):
        return attempt
    token = attempt.logs.removeprefix(_ENCRYPTED).encode()
    try:
        return replace(attempt, logs=SecretKeys(settings.secrets_key).open("this log", token))
    except UnusableKeyError:
        return replace(attempt, logs=_LOST)


def rotate(storage: Storage, settings: Settings) -> None:
    """Encrypt all again with the first key; those whose key is missing stay. Raises UnusableKeyError."""
    keys, last = SecretKeys(settings.secrets_key), 0
    while logs := storage.credentials.logs_after(last, _ENCRYPTED, most=_AT_ONCE):
        last = max(logs)
        tokens = {row: text.removeprefix(_ENCRYPTED).encode() for row, text in logs.items()}
        storage.credentials.replace_logs(
            {
                row: _ENCRYPTED + keys.rotate_one("this log", token).decode()
                for row, token in tokens.items()
                if keys.fits(token)
            }
        )
