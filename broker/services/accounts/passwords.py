"""Hash passwords of people by argon2id, one at a time."""

import secrets
import threading

from broker.domain.accounts.password_rules import LONGEST, broken_password_rule, comparable
from broker.domain.errors import ValidationError

KIBIBYTES, ROUNDS, LANES = 19 * 1024, 2, 1
"""What one hash takes: 19 MiB, and about 40 ms of a processor."""
MOST_WAITING = 2
"""Requests that wait for their turn at the same time: others of the process's threads stay free."""
LONGEST_WAIT = 2.0
"""Seconds."""
_PARAMETERS = f"$argon2id$v=19$m={KIBIBYTES},t={ROUNDS},p={LANES}$"
_OF_NOBODY = f"{_PARAMETERS}{'A' * 22}${'A' * 43}"
"""What an unknown name's password is compared with: nobody knows a password with that hash."""


class TooManyHashesError(Exception):
    """Others' passwords are being checked: try again in a moment."""


class Turns:
    """Let one thread at a time in; at most *waiting* others wait, each for *seconds* at most."""

    def __init__(self, waiting: int = MOST_WAITING, seconds: float = LONGEST_WAIT) -> None:
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(waiting + 1)
        self._turn = threading.Lock()

    def __enter__(self) -> None:
        """Wait for a turn. Raises TooManyHashesError."""
        if not self._places.acquire(blocking=False):
            raise TooManyHashesError
        if not self._turn.acquire(timeout=self._seconds):
            self._places.release()
            raise TooManyHashesError

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        self._turn.release()
        self._places.release()


_TURNS = Turns()


def check(password: str, *, account: str, field: str = "password") -> None:
    """Raise ValidationError for a password that the account of that name cannot have."""
    if message := broken_password_rule(password, account):
        raise ValidationError({field: [message]})


def hash_of(password: str) -> str:
    """Return what is stored of a password, 97 characters. Raises TooManyHashesError."""
    return _hash(comparable(password).encode(), secrets.token_bytes(16))


def is_right(password: str, stored: str | None) -> bool:
    """Return whether it is the password that was stored; without one, it takes as long. Raises as above."""
    import argon2.low_level  # noqa: PLC0415 - 30 ms that a broker without passwords need not spend

    try:
        given = comparable(password[: LONGEST + 1]).encode()
    except UnicodeEncodeError:  # half of a character; no stored password has it
        given, stored = b"", None
    # A longer one cannot have been stored: it is refused after the same time.
    against = _OF_NOBODY if stored is None or len(password) > LONGEST else stored
    with _TURNS:
        try:
            found = argon2.low_level.verify_secret(against.encode(), given, argon2.low_level.Type.ID)
        except argon2.exceptions.VerificationError:
            return False
    return found and against is stored


def needs_new_hash(stored: str) -> bool:
    """Return whether a stored hash was made with other costs than those of today."""
    return not stored.startswith(_PARAMETERS)


def _hash(password: bytes, salt: bytes) -> str:
    import argon2.low_level  # noqa: PLC0415 - see above

    with _TURNS:
        return argon2.low_level.hash_secret(
            password,
            salt,
            time_cost=ROUNDS,
            memory_cost=KIBIBYTES,
            parallelism=LANES,
            hash_len=32,
            type=argon2.low_level.Type.ID,
        ).decode()
