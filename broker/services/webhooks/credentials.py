"""Passwords and headers of webhooks: encrypted when stored, if there is a key, as secrets are."""

from collections.abc import Mapping
from dataclasses import replace

from broker.domain.errors import StateRuleError
from broker.domain.webhooks.credentials import (
    credentials_of,
    with_credentials,
    with_unreadable_credentials,
    without_credentials,
)
from broker.domain.webhooks.redaction import with_stored_secrets
from broker.domain.webhooks.webhook import Webhook, WebhookRequest
from broker.services.webhooks.secrets import SecretKeys, UnusableKeyError
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from broker.storage.webhooks.credentials import SealedRequest
from tally.values import dataclass

UNREADABLE_VALUES = (
    "keeps stored values whose key the broker does not have: give it the key in TALLY_SECRETS_KEY, or send "
    "all values anew"
)


@dataclass(frozen=True)
class Protection:
    """How many webhooks have a password or headers in the clear, and how many have them unreadable."""

    open: int = 0
    unreadable: int = 0


def seal(request: WebhookRequest, settings: Settings) -> SealedRequest:
    """Return the request as it is stored; without a key, as it is.

    Raises StateRuleError when the keys are unusable.
    """
    credentials = credentials_of(request)
    if credentials is None or not settings.secrets_key:
        return SealedRequest(request)
    try:
        token = SecretKeys(settings.secrets_key).encrypt(credentials.decode())
    except UnusableKeyError as error:
        raise StateRuleError({"request": [str(error)]}) from error
    return SealedRequest(without_credentials(request), token)


def opened(sealed: SealedRequest, settings: Settings) -> WebhookRequest:
    """Return the request with its password and its headers. Raises UnusableKeyError."""
    if sealed.token is None:
        return sealed.request
    what = "what the headers and the password of the webhook are"
    return with_credentials(
        sealed.request, SecretKeys(settings.secrets_key).open(what, sealed.token).encode()
    )


def readable(webhook: Webhook, settings: Settings) -> Webhook:
    """Return the webhook with its password and its headers; starred, and with a notice, without their key."""
    try:
        request = opened(SealedRequest(webhook.what.request, webhook.sealed), settings)
    except UnusableKeyError:
        request = with_unreadable_credentials(webhook.what.request)
        return replace(webhook, what=replace(webhook.what, request=request), is_unreadable=True)
    return replace(webhook, what=replace(webhook.what, request=request))


def check_replaceable(request: WebhookRequest, stored: Webhook) -> None:
    """Raise StateRuleError when the request keeps a value of the *stored* one, which nobody can read."""
    if with_stored_secrets(request, stored.what.request).request != request:
        raise StateRuleError({"request": [UNREADABLE_VALUES]})


def rotate(storage: Storage, settings: Settings) -> int:
    """Encrypt all again with the first key, and return of how many webhooks. Raises UnusableKeyError."""
    tokens: Mapping[str, bytes] = storage.credentials.tokens()
    keys = SecretKeys(settings.secrets_key)
    names = {uuid: f"what the headers and the password of the webhook {uuid} are" for uuid in tokens}
    storage.credentials.replace_tokens(
        {uuid: keys.rotate_one(names[uuid], token) for uuid, token in tokens.items()}
    )
    return len(tokens)


def found(storage: Storage, settings: Settings) -> Protection:
    """Return how many webhooks are not encrypted, or not readable. Raises UnusableKeyError."""
    keys = SecretKeys(settings.secrets_key) if settings.secrets_key else None
    requests, tokens = storage.credentials.open_requests(), storage.credentials.tokens()
    return Protection(
        sum(credentials_of(stored.request) is not None for stored in requests),
        sum(keys is None or not keys.fits(token) for token in tokens.values()),
    )


def protect(storage: Storage, settings: Settings) -> None:
    """Encrypt what was stored before there was a key. Raises StateRuleError."""
    for stored in storage.credentials.open_requests():
        sealed = seal(stored.request, settings)
        if sealed.token is not None:
            storage.credentials.seal(stored, sealed)
