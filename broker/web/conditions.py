"""Conditional requests: If-Match and If-None-Match (RFC 9110 §13).

Every document has an entity tag. A client that sends it in `If-None-Match` is answered 304 while nothing has
changed. A client that sends it in `If-Match` changes only the document that it has read, or is answered 412.
`*` stands for any document (Pact Broker reference §1.4). The tag of a compressed document stands for the
plain one as well: it is the same document.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException, NotAcceptable, PreconditionFailed

from broker.domain.errors import NotFoundError
from broker.storage.database import Database
from broker.storage.storage import Storage
from broker.web.compression import TAG_SUFFIX

_READING = {"GET", "HEAD"}
_CHANGING = {"PUT", "PATCH", "DELETE"}
_LENGTH = 32
# Looking them up in the WSGI environment takes half as long as in the headers.
_IF_MATCH = "HTTP_IF_MATCH"
_IF_NONE_MATCH = "HTTP_IF_NONE_MATCH"
_STORAGE = "storage_of_condition"
_CHANGED = "The resource has changed since the client read it (If-Match). Read it again."
_EXISTS = "The resource exists already (If-None-Match)."


def answer(response: Response) -> Response:
    """Add the entity tag; answer 304 or 412 instead where a condition of the request asks for that."""
    if request.method not in _READING:
        return response
    if response.status_code == 404 and _IF_MATCH in request.environ:  # noqa: PLR2004 - Not Found
        return _refusal(_CHANGED)
    if response.status_code != 200 or response.is_streamed or "ETag" in response.headers:  # noqa: PLR2004 - OK
        return response
    tag = _tag(response)
    response.headers["ETag"] = f'"{tag}"'
    if _IF_MATCH in request.environ and not _is_expected(tag):
        return _refusal(_CHANGED)
    if _IF_NONE_MATCH in request.environ and (known := _known(tag)):
        response.headers["ETag"] = f'"{known}"'
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def unchanged(tag: str) -> Response | None:
    """Return the answer 304 if the client has what *tag* names; a view can ask before it makes the rest.

    It sets the same tag, in quotes, as the ETag of what it makes otherwise.
    """
    known = _known(tag) if _IF_NONE_MATCH in request.environ else None
    if known is None:
        return None
    headers = {"ETag": f'"{known}"', "Vary": "Accept, Accept-Encoding"}
    response = Response(status=304, headers=headers)
    del response.headers["Content-Type"]
    return response


def check_charset() -> None:
    """Raise NotAcceptable for a client that reads no UTF-8, which is all there is (reference §1.2)."""
    given = "HTTP_ACCEPT_CHARSET" in request.environ and request.url_rule and request.method != "OPTIONS"
    if given and not request.accept_charsets.quality("utf-8"):
        raise NotAcceptable


def apply_to_change() -> bool:
    """Return whether the request is a change with a condition."""
    given = _IF_MATCH in request.environ or _IF_NONE_MATCH in request.environ
    return given and request.method in _CHANGING


def storage_of_condition() -> Storage | None:
    """Return the storage in which a condition is being checked; None when none is."""
    found: Storage | None = g.get(_STORAGE)
    return found


@contextmanager
def transaction(database: Database) -> Iterator[Storage]:
    """Yield a Storage to write to, if the condition of the request holds. Raises PreconditionFailed.

    A concurrent change of the same resource makes the transaction run again.
    """
    with database.transaction(serializable=True) as storage:
        setattr(g, _STORAGE, storage)
        try:
            _check(_tag_at_this_address())
        finally:
            g.pop(_STORAGE)
        yield storage


def _check(tag: str | None) -> None:
    if _IF_MATCH in request.environ and (tag is None or not _is_expected(tag)):
        raise PreconditionFailed(_CHANGED)
    if _IF_NONE_MATCH in request.environ and tag and _known(tag):
        raise PreconditionFailed(_EXISTS)


def _is_expected(tag: str) -> bool:
    return tag in request.if_match or tag + TAG_SUFFIX in request.if_match


def _known(tag: str) -> str | None:
    """Return the tag of what the client has, plain or compressed; None if it is something else."""
    tags = (tag, tag + TAG_SUFFIX)
    return next((known for known in tags if request.if_none_match.contains_weak(known)), None)


def _tag_at_this_address() -> str | None:
    """Return the tag that a GET of the same address would have; None when it would find nothing."""
    try:
        endpoint, values = current_app.url_map.bind_to_environ(request.environ).match(method="GET")
        found: Any = current_app.view_functions[endpoint](**values)
    except (NotFoundError, HTTPException):
        return None
    return _tag(current_app.make_response(found))


def _tag(response: Response) -> str:
    return sha256(response.get_data(), usedforsecurity=False).hexdigest()[:_LENGTH]


def _refusal(message: str) -> Response:
    return current_app.make_response(current_app.handle_user_exception(PreconditionFailed(message)))
