"""What may be secret in a webhook's request: shown as stars; stars that come back mean "as it is stored"."""

import re
from dataclasses import dataclass, replace

from broker.domain.webhooks import templates
from broker.domain.webhooks.webhook import WebhookRequest

STARS = "**********"
_ONLY_STARS = re.compile(r"\*+\Z")
_QUERY = re.compile(r"([?#]).*", re.DOTALL)
_STARRED_QUERY = re.compile(r"[?#]\*+\Z")
_SENSITIVE = re.compile(r"authorization|token", re.IGNORECASE)


def redacted(request: WebhookRequest, *, for_reader: bool = False) -> WebhookRequest:
    """Return the request as it is shown: what may be secret is starred, unless it has a parameter.

    A reader, who may not change it, sees no value of a header and no query of the URL.
    """
    return replace(
        request,
        url=without_query(request.url) if for_reader else request.url,
        headers={
            name: STARS if for_reader else _star(value) if is_sensitive(name) else value
            for name, value in request.headers.items()
        },
        password=None if request.password is None else STARS if for_reader else _star(request.password),
    )


def without_query(url: str) -> str:
    """Return the URL with its query and its fragment starred."""
    return _QUERY.sub(rf"\1{STARS}", url)


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

    That is the password, if it is missing, the value of each header that is nothing but asterisks, and such a
    query. When the request goes to another place, it gets none of them: what was stored for one receiver is
    not sent to another.
    """
    starred = {name for name, value in request.headers.items() if _is_starred(name, value, stored)}
    keeps_password = request.password is None or _ONLY_STARS.match(request.password) is not None
    address, query = _split(request.url)
    stored_query = _split(stored.url)[1]
    keeps_query = _STARRED_QUERY.match(query) is not None and stored_query not in {"", query}
    completed = replace(
        request,
        url=address + stored_query if keeps_query else request.url,
        headers={
            name: stored.headers[name] if name in starred else value
            for name, value in request.headers.items()
        },
        password=stored.password if keeps_password else request.password,
    )
    if completed.destination == stored.destination:
        return Completed(completed)
    dropped = [
        *(["query of the URL"] if keeps_query else []),
        *(["password"] if keeps_password and stored.password is not None else []),
        *(f"header {name}" for name in sorted(starred)),
    ]
    return Completed(
        replace(
            request,
            url=address if keeps_query else request.url,
            headers={name: value for name, value in request.headers.items() if name not in starred},
            password=None if keeps_password else request.password,
        ),
        tuple(dropped),
    )


def _split(url: str) -> tuple[str, str]:
    """Return the URL up to its query or fragment, and these."""
    found = _QUERY.search(url)
    return (url, "") if found is None else (url[: found.start()], found[0])


def _is_starred(name: str, value: str, stored: WebhookRequest) -> bool:
    return _ONLY_STARS.match(value) is not None and stored.headers.get(name, value) != value


def _star(value: str) -> str:
    return value if templates.has_parameter(value) else STARS
