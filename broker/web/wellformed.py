"""Characters that no URL may contain (reference §1.1)."""

import logging
import re
from typing import Any
from urllib.parse import unquote_plus, unquote_to_bytes

from flask import request
from werkzeug.exceptions import BadRequest, NotFound, UnprocessableEntity

from broker.domain.accounts.tokens import has_token
from broker.web.paths import SLASH

logger = logging.getLogger("broker")
Environ = dict[str, Any]
_MISPLACED = (
    "A token must not be in a URL, where others may read it. Revoke this one, and send another in the header:"
    " Authorization: Bearer TOKEN"
)
_CONTROL = re.compile(r"[\x00-\x1e\x7f]")  # all but SLASH


class EmptyPartError(NotFound):
    """The path has two slashes in a row."""

    description = "The path has an empty part: two slashes in a row."


class ControlCharacterError(UnprocessableEntity):
    """The path has a character that is part of no name."""

    description = "The path contains a line break or another control character."


def check_url() -> None:
    """Check that the path and the query can be read.

    Raises BadRequest for what is not UTF-8, EmptyPartError and ControlCharacterError.
    """
    environ = request.environ
    query = environ.get("QUERY_STRING", "")
    # Some servers put U+FFFD into PATH_INFO for bytes that they cannot decode; REQUEST_URI still has them.
    # PATH_INFO is decoded already: what looks percent-encoded in it is part of a name, such as %DATE%.
    if not is_utf8(_path_sent(environ)) or not _is_utf8(environ["PATH_INFO"].encode("latin-1")):
        raise BadRequest("The path is not UTF-8. Encode names as UTF-8, then percent-encode the bytes.")
    if not is_utf8(query):
        raise BadRequest("The query is not UTF-8. Encode values as UTF-8, then percent-encode the bytes.")
    if "%00" in query:
        # PostgreSQL cannot store it in a text, so no name contains it.
        raise BadRequest("The query contains the character U+0000, which no name may contain.")
    if has_token(environ["PATH_INFO"]) or has_token(unquote_plus(query) if "%" in query else query):
        logger.warning("Refused a request of %s that had a token in its URL", request.remote_addr)
        _forget_address()
        raise BadRequest(_MISPLACED)
    if "//" in request.path:
        raise EmptyPartError
    if has_control_character(environ):
        raise ControlCharacterError


def _forget_address() -> None:
    """Let the answer know nothing of the address: an error page repeats what was looked for."""
    request.environ |= {"PATH_INFO": "/", "QUERY_STRING": "", "REQUEST_URI": "/"}
    request.path, request.query_string = "/", b""
    for name in ("args", "full_path", "url", "values"):
        vars(request).pop(name, None)  # in case somebody has asked for it


def is_utf8(sent: str) -> bool:
    """Return whether the bytes that were sent, one in each character, percent-encoded or not, are UTF-8."""
    if "%" not in sent and sent.isascii():
        return True
    return _is_utf8(unquote_to_bytes(sent.encode("latin-1")))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeError:
        return False
    return True


def has_control_character(environ: Environ) -> bool:
    """Return whether the path contains a newline, a tab or another control character."""
    path = environ["PATH_INFO"]
    if _CONTROL.search(path):
        return True
    return SLASH in path and "%1f" in _path_sent(environ).lower()


def _path_sent(environ: Environ) -> str:
    """Return the path as it was sent, percent-encoded; "" from a server that does not tell."""
    sent: str = environ.get("REQUEST_URI", "")
    return sent.partition("?")[0]
