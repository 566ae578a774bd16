"""What may be secret in a webhook's request: shown as stars; stars that come back mean "as it is stored"."""

import re
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Completed:
    """A request that has what the stored one kept for it; *dropped* names what it was not given."""

    request: WebhookRequest
    dropped: tuple[str, ...] = ()


def with_stored_secrets(request: WebhookRequest, stored: WebhookRequest) -> Completed:
    """Return the request with what is missing or starred in it taken from the *stored* one.

    That is the password, if it is missing, and the value of each header that is nothing but asterisks. When
    the request goes to another place, it gets none of them: what was stored for one receiver is not sent to
    another.
    """
    starred = {name for name, value in request.headers.items() if _is_starred(name, value, stored)}
    keeps_password = request.password is None or _ONLY_STARS.match(request.password) is not None
    completed = replace(
        request,
        headers={
            name: stored.headers[name] if name in starred else value
            for name, value in request.headers.items()
        },
        password=stored.password if keeps_password else request.password,
    )
    if completed.destination == stored.destination:
        return Completed(completed)
    dropped = ["password"] if keeps_password and stored.password is not None else []
    return Completed(
        replace(
            request,
            headers={name: value for name, value in request.headers.items() if name not in starred},
            password=None if keeps_password else request.password,
        ),
        (*dropped, *(f"header {name}" for name in sorted(starred))),
    )


def _is_starred(name: str, value: str, stored: WebhookRequest) -> bool:
    return _ONLY_STARS.match(value) is not None and stored.headers.get(name, value) != value


def _star(value: str) -> str:
    return value if templates.has_parameter(value) else STARS
