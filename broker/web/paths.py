"""The path of a request: encoded slashes, extensions, and whether a browser asks for a page.

WSGI hands over a decoded path, in which the `%2F` of a branch `feat%2Fx` cannot be told from the slash
between two segments. Servers that keep the raw path pass it as REQUEST_URI.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Self
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.routing import BaseConverter, Map, Rule

from broker.domain.errors import NotFoundError

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

PAGES = "/-pages"
FORM = "application/x-www-form-urlencoded"
SLASH = "\x1f"
"""A slash inside a segment: control characters are refused in paths, so nothing else can mean it."""
_READING = {"GET", "HEAD"}
_TOO_LONG = len(str(2**63))  # a number that is too large for a database
_BADGES = ("/latest/badge", "/latest/badge.svg")  # images, even for a browser; not the tag "badge"
_EXTENSIONS = {
    "csv": "text/csv",
    "svg": "image/svg+xml",
    "json": "application/hal+json",
    "yaml": "application/yaml",
}
_API_TYPES = ("hal+json", "problem+json", "application/json", "text/csv", "application/yaml", "text/plain")


@cache
def template_of(rule: str) -> str:
    """Return a rule of Flask as a path with {placeholders}."""
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule)


def shown_route(rule: str) -> str:
    """Return the path of a rule as clients ask for it: a page has that of the resource that it shows."""
    return template_of(rule).removeprefix(PAGES)


class Segment(BaseConverter):
    """One segment of a path, which may hold any character."""

    regex = "[^/]+"
    part_isolating = True

    def to_python(self, value: str) -> str:
        """Return the decoded segment."""
        return value.replace(SLASH, "/")


class Identifier(Segment):
    """One segment that is no name: what looks like a file extension is one."""

    regex = "[^/]+" + "".join(rf"(?<!\.{extension})" for extension in _EXTENSIONS)
    part_isolating = True


class LazyRule(Rule):
    """A rule that compiles the functions that build its URLs when it builds the first one.

    Compiling them is nine tenths of the time that an application takes to start, and most are never called.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - werkzeug's
        name = "_build_unknown" if append_unknown else "_build"

        def build(_: Self, /, **values: object) -> tuple[str, str]:
            compiled = super(LazyRule, self)._compile_builder(append_unknown).__get__(self, None)
            setattr(self, name, compiled)
            url: tuple[str, str] = compiled(**values)
            return url

        return build


class Paths:
    """WSGI middleware that prepares PATH_INFO for routing.

    Encoded slashes inside a segment are kept. A request of a browser is routed to a page if there is one
    (reference §1.10), and so is one for the table of a page as a file (`?format=csv`). A file extension
    stands for a content type (reference §1.1), unless it is part of a name.
    """

    def __init__(self, application: Application, routes: Map) -> None:
        self._application = application
        self._routes = routes.bind("")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        raw = environ.get("REQUEST_URI", "")
        if "%2f" in raw.lower():
            environ["PATH_INFO"] = _decode(
                urlsplit(raw).path if raw.startswith("http") else raw.partition("?")[0]
            )
        stem, _, extension = environ["PATH_INFO"].rpartition(".")
        if (
            extension in _EXTENSIONS
            and self._leads_nowhere(environ)
            and self._routes.test(_text(stem), environ["REQUEST_METHOD"])
        ):
            environ |= {"PATH_INFO": stem, "HTTP_ACCEPT": _EXTENSIONS[extension]}
        page = PAGES + environ["PATH_INFO"]
        method = "GET" if wants_page(environ) or _wants_download(environ) else "POST"
        if (method == "GET" or _is_form(environ)) and self._routes.test(_text(page), method):
            environ["PATH_INFO"] = page
        return self._application(environ, start_response)

    def _leads_nowhere(self, environ: Environ) -> bool:
        path = _text(environ["PATH_INFO"])
        known = (path, environ["REQUEST_METHOD"]), (path, "GET"), (PAGES + path, "GET")
        return not any(self._routes.test(*asked) for asked in known)


def result_number(segment: str) -> int:
    """Return the number of a result. Raises NotFoundError when the segment cannot be one."""
    if segment.isascii() and segment.isdecimal() and len(segment) < _TOO_LONG:
        return int(segment)
    raise NotFoundError(f"'{segment}' is not the number of a result; the matrix lists all of them")


def wants_page(environ: Environ) -> bool:
    """Return whether this is a browser that wants a page and not the API (reference §1.10)."""
    if environ["REQUEST_METHOD"] not in _READING:
        return bool(environ["PATH_INFO"].startswith(PAGES))
    return _accepts_page(environ) and not environ["PATH_INFO"].endswith(_BADGES)


def _is_form(environ: Environ) -> bool:
    """Return whether a browser sends a form: no part of the API takes one."""
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    return environ["REQUEST_METHOD"] == "POST" and kind == FORM and _accepts_page(environ)


def _accepts_page(environ: Environ) -> bool:
    accept = environ.get("HTTP_ACCEPT", "").lower()
    return "text/html" in accept and not any(kind in accept for kind in _API_TYPES)


def _wants_download(environ: Environ) -> bool:
    """Return whether this asks for the table of a page as a file, which it gets whatever it accepts."""
    query = environ.get("QUERY_STRING", "")
    return (query.startswith("format=") or "&format=" in query) and environ["REQUEST_METHOD"] in _READING


def _decode(raw: str) -> str:
    segments = [unquote_to_bytes(segment).replace(b"/", SLASH.encode()) for segment in raw.split("/")]
    return b"/".join(segments).decode("latin-1")


def _text(path_info: str) -> str:
    return path_info.encode("latin-1").decode("utf-8", "replace")
