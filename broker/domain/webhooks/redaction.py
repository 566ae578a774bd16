"""What may be secret in a webhook's request: shown as stars; stars that come back mean "as it is stored"."""

import re
from dataclasses import replace

from broker.domain.webhooks import templates
from broker.domain.webhooks.webhook import WebhookRequest

STARS = "**********"
_ONLY_STARS = re.compile(r"\*+\Z")
_SENSITIVE = re.compile(r"authorization|token", re.IGNORECASE)


def redacted(request: WebhookRequest) -> WebhookRequest:
    """Return the request as it is shown: what may be secret is starred, unless it has a parameter."""
    return replace(
        request,
        headers={
            name: _star(value) if _SENSITIVE.search(name) else value
            for name, value in request.headers.items()
        },
        password=None if request.password is None else _star(request.password),
    )


def is_sensitive(header: str) -> bool:
    """Return whether the value of a header with this name is not shown."""
    return _SENSITIVE.search(header) is not None


def with_stored_secrets(request: WebhookRequest, stored: WebhookRequest) -> WebhookRequest:
    """Return the request with what is missing or starred in it taken from the *stored* one.

    That is the password, if it is missing, and the value of each header that is nothing but asterisks.
    """
    keeps_password = request.password is None or _ONLY_STARS.match(request.password)
    return replace(
        request,
        headers={
            name: stored.headers.get(name, value) if _ONLY_STARS.match(value) else value
            for name, value in request.headers.items()
        },
        password=stored.password if keeps_password else request.password,
    )


def _star(value: str) -> str:
    return value if templates.has_parameter(value) else STARS
