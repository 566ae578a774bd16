"""What may be secret in a webhook's request: shown as stars; stars that come back mean "as it is stored"."""

import re
from dataclasses import replace
from typing import Any

from broker.domain.webhooks import secret_bodies, templates
from broker.domain.webhooks.secret_texts import STARS, blanked, is_secret, is_stars, restored, starred
from broker.domain.webhooks.webhook import WebhookRequest
from tally.values import dataclass

_QUERY = re.compile(r"([?#]).*", re.DOTALL)
_STARRED_QUERY = re.compile(r"[?#]\*+\Z")


def redacted(request: WebhookRequest, *, for_reader: bool = False) -> WebhookRequest:
    """Return the request as it is shown: what may be secret is starred, unless it has a parameter.

    A reader, who may not change it, sees no value of a header and no query of the URL.
    """
    url = starred(request.url)
    return replace(
        request,
        url=without_query(url) if for_reader else url,
        headers={
            name: STARS if for_reader else _star(value) if is_secret(name) else starred(value)
            for name, value in request.headers.items()
        },
        body=secret_bodies.starred(request.body),
        password=None if request.password is None else STARS if for_reader else _star(request.password),
    )


def without_query(url: str) -> str:
    """Return the URL with its query and its fragment starred."""
    return _QUERY.sub(rf"\1{STARS}", url)


@dataclass(frozen=True)
class Completed:
    """A request that has what the stored one kept for it; *dropped* names what it was not given."""

    request: WebhookRequest
    dropped: tuple[str, ...] = ()


def with_stored_secrets(request: WebhookRequest, stored: WebhookRequest) -> Completed:
    """Return the request with what is missing or starred in it taken from the *stored* one.

    That is the password, if it is missing, the value of each header that is nothing but asterisks, and such
    values in the URL and in the body. When the request goes to another place, it gets none of them: what was
    stored for one receiver is not sent to another.
    """
    keeps_password = request.password is None or is_stars(request.password)
    headers = {name: _header(name, value, stored) for name, value in request.headers.items()}
    completed = replace(
        request,
        url=_with_stored_query(request.url, stored.url),
        headers=headers,
        body=secret_bodies.restored(request.body, stored.body),
        password=stored.password if keeps_password else request.password,
    )
    if completed.destination == stored.destination:
        return Completed(completed)
    kept = {name for name, value in headers.items() if request.headers[name] != value}
    is_url, is_body = completed.url != request.url, completed.body != request.body
    dropped = [
        *(["query of the URL"] if is_url else []),
        *(["password"] if keeps_password and stored.password is not None else []),
        *(f"header {name}" for name in sorted(kept)),
        *(["body"] if is_body else []),
    ]
    without = replace(
        request,
        url=_without_stars(request.url) if is_url else request.url,
        headers={name: value for name, value in request.headers.items() if name not in kept},
        body=secret_bodies.blanked(request.body) if is_body else request.body,
        password=None if keeps_password else request.password,
    )
    return Completed(without, tuple(dropped))


def _header(name: str, value: str, stored: WebhookRequest) -> str:
    kept = stored.headers.get(name)
    if kept is None:
        return value
    return kept if is_stars(value) else restored(value, kept)


def _with_stored_query(url: str, stored: str) -> str:
    """Return the URL with the stored query, or the stored values in it, in place of stars."""
    address, query = _split(url)
    stored_query = _split(stored)[1]
    if _STARRED_QUERY.match(query) and stored_query not in {"", query}:
        url = address + stored_query
    return restored(url, stored)


def _without_stars(url: str) -> str:
    address, query = _split(url)
    return blanked(address if _STARRED_QUERY.match(query) else url)


def _split(url: str) -> tuple[str, str]:
    """Return the URL up to its query or fragment, and these."""
    found = _QUERY.search(url)
    return (url, "") if found is None else (url[: found.start()], found[0])


def _star(value: Any) -> Any:
    return value if templates.has_parameter(value) else STARS
