"""Secrets of webhooks: encrypted when stored, decrypted only to be sent."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from secrets import token_bytes
from typing import TYPE_CHECKING

from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError, StateRuleError, ValidationError
from broker.domain.webhooks.secret import NewSecret, SealedSecret, Secret
from broker.domain.webhooks.secret_use import broken_rule, hosts_of
from broker.domain.webhooks.webhook import WebhookDescription
from broker.services import belonging, permission
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from tally.loading import Later

if TYPE_CHECKING:
    from cryptography import fernet
else:  # most brokers have no secrets
    fernet = Later("cryptography.fernet")

_BYTES_OF_KEY = 32


class UnusableKeyError(Exception):
    """There is no key, or none that fits; the text says what to do."""


class SecretKeys:
    """Encrypt with the first of the keys, decrypt with any of them: to rotate, put a new key in front.

    Raises UnusableKeyError when there is none, or one is no Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise UnusableKeyError("TALLY_SECRETS_KEY is not set: secrets can neither be stored nor used")
        if not all(map(_is_key, keys)):
            raise UnusableKeyError(
                "TALLY_SECRETS_KEY is not a Fernet key, which is 32 random bytes in URL-safe Base64"
            )
        self._keys = keys

    @cached_property
    def _fernet(self) -> "fernet.MultiFernet":
        return fernet.MultiFernet([fernet.Fernet(key) for key in self._keys])

    def encrypt(self, value: str) -> bytes:
        """Return the value as it is stored."""
        return self._fernet.encrypt(value.encode())

    def decrypt(self, tokens: Mapping[str, bytes]) -> dict[str, str]:
        """Return the values by name. Raises UnusableKeyError, which names the first that has another key."""
        return {name: self.open(_the_secret(name), token) for name, token in tokens.items()}

    def open(self, what: str, token: bytes) -> str:
        """Return the value. Raises UnusableKeyError, which says *what* was stored with another key."""
        return _open(what, self._fernet.decrypt, token).decode()

    def fits(self, token: bytes) -> bool:
        """Return whether one of the keys is that of the value."""
        try:
            self._fernet.decrypt(token)
        except fernet.InvalidToken:
            return False
        return True

    def rotate(self, tokens: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the values encrypted with the first key. Raises UnusableKeyError."""
        return {name: self.rotate_one(_the_secret(name), token) for name, token in tokens.items()}

    def rotate_one(self, what: str, token: bytes) -> bytes:
        """Return the value encrypted with the first key. Raises UnusableKeyError, which says *what* it is."""
        return _open(what, self._fernet.rotate, token)


def new_key() -> str:
    """Return a key that nobody has."""
    return urlsafe_b64encode(token_bytes(_BYTES_OF_KEY)).decode()


def _is_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == _BYTES_OF_KEY
    except ValueError:
        return False


def _the_secret(name: str) -> str:
    return f"the secret '{name}'"


def _open(what: str, how: Callable[[bytes], bytes], token: bytes) -> bytes:
    try:
        return how(token)
    except fernet.InvalidToken as error:
        raise UnusableKeyError(f"{what} was stored with a key that is not in TALLY_SECRETS_KEY") from error


def put(storage: Storage, new: NewSecret, settings: Settings, now: datetime) -> tuple[Secret, bool]:
    """Create or replace the secret; return it without its value, and whether it is new.

    Raises StateRuleError when the broker has no key to encrypt it with, and ValidationError for a secret of
    a team that lists no hosts: whoever changes webhooks of the team could send it anywhere.
    """
    try:
        token = SecretKeys(settings.secrets_key).encrypt(new.value)
    except UnusableKeyError as error:
        raise StateRuleError({"value": [str(error)]}) from error
    existing = storage.secrets.find(new.name)
    if existing is None:
        team_id = belonging.team_of_new(storage, Action.WEBHOOKS, new.belonging)
    else:
        team_id = belonging.team_of_changed(storage, Action.WEBHOOKS, existing.team_id, new.belonging)
    hosts = new.hosts if new.hosts is not None or existing is None else existing.hosts
    if team_id is not None and not hosts:
        raise ValidationError({"hosts": ["are missing: a secret of a team lists where it may be sent"]})
    storage.secrets.put(new.name, new.description, SealedSecret(token, team_id, hosts), now)
    stored = find(storage, new.name)
    storage.note("secret", new.name, team=stored.team, after={"team": stored.team, "hosts": stored.hosts})
    return stored, existing is None


def every(storage: Storage) -> list[Secret]:
    """Return all secrets, without their values."""
    return storage.secrets.all()


def find(storage: Storage, name: str) -> Secret:
    """Return the secret without its value. Raises NotFoundError."""
    found = storage.secrets.find(name)
    if found is None:
        raise NotFoundError(f"No secret with name '{name}' found")
    return found


def delete(storage: Storage, secret: str) -> None:
    """Remove the secret; webhooks that use it fail from now on. Raises NotFoundError."""
    found = find(storage, secret)
    if not storage.asking.actor.may_everywhere(Action.WEBHOOKS):
        permission.require_team(storage, Action.WEBHOOKS, found.team_id)
    if not storage.secrets.delete(secret):
        raise NotFoundError(f"No secret with name '{secret}' found")
    before = {"team": found.team, "hosts": found.hosts}
    storage.note("secret", secret, team=found.team, before=before)


def rotate(storage: Storage, settings: Settings) -> int:
    """Encrypt every secret with the first key, and return how many there are. Raises UnusableKeyError."""
    tokens = SecretKeys(settings.secrets_key).rotate(storage.secrets.all_tokens())
    storage.secrets.replace_tokens(tokens)
    return len(tokens)


def unreadable(storage: Storage, settings: Settings) -> int:
    """Return how many secrets none of the keys opens. Raises UnusableKeyError."""
    keys = SecretKeys(settings.secrets_key) if settings.secrets_key else None
    return sum(keys is None or not keys.fits(token) for token in storage.secrets.all_tokens().values())


def values(sealed: Mapping[str, SealedSecret], settings: Settings) -> dict[str, str]:
    """Return the values by name. Raises UnusableKeyError."""
    tokens = {name: secret.token for name, secret in sealed.items()}
    return SecretKeys(settings.secrets_key).decrypt(tokens) if tokens else {}


def broken_rules(storage: Storage, what: WebhookDescription, team_id: int | None) -> list[str]:
    """Return why a webhook of the team cannot use its secrets: there is none, or it may not."""
    found = storage.secrets.sealed(what.secrets)
    hosts = hosts_of(what.request.url, what.request.headers)
    rules = (
        broken_rule(name, found[name], team_id, hosts)
        if name in found
        else f"there is no secret '{name}': create it first"
        for name in sorted(what.secrets)
    )
    return [rule for rule in rules if rule is not None]
