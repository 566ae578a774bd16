"""What of a webhook's request is stored encrypted: its password, and the values of its headers."""

from dataclasses import replace

from broker.domain.webhooks.secret_texts import STARS
from broker.domain.webhooks.templates import parameters_in
from broker.domain.webhooks.webhook import WebhookRequest
from tally.hashing import compact_json, parse_exactly


def credentials_of(request: WebhookRequest) -> bytes | None:
    """Return the values as one text to be encrypted; None when there are none."""
    if not request.headers and request.password is None:
        return None
    return compact_json({"headers": request.headers, "password": request.password})


def without_credentials(request: WebhookRequest) -> WebhookRequest:
    """Return the request as it is stored beside them: of each value it has the parameters alone.

    An event has to find the parameters of all webhooks without decrypting anything.
    """
    return replace(
        request,
        headers={name: parameters_in(value) for name, value in request.headers.items()},
        password=None if request.password is None else parameters_in(request.password),
    )


def with_credentials(request: WebhookRequest, credentials: bytes) -> WebhookRequest:
    """Return the request with the values that `credentials_of` gave."""
    return replace(request, **parse_exactly(credentials))


def with_unreadable_credentials(request: WebhookRequest) -> WebhookRequest:
    """Return the request as it is shown when nobody has the key to its values."""
    return replace(
        request,
        headers=dict.fromkeys(request.headers, STARS),
        password=None if request.password is None else STARS,
    )
