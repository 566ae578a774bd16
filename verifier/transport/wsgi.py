"""The transport that calls a WSGI application as a server does (PEP 3333)."""

import io
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from verifier.errors import NoAnswerError, ProviderTimeoutError
from verifier.transport.time_limit import TimeIsUpError, TimeLimit
from verifier.transport.tracebacks import described
from verifier.transport.transport import HttpRequest, HttpResponse

WsgiApplication = Callable[..., Iterable[bytes]]
_OWN_VARIABLES = frozenset({"content-type", "content-length"})


class WsgiTransport:
    """Call *application*; *timeout* is in seconds, for the response as a whole."""

    def __init__(self, application: WsgiApplication, *, timeout: float = 30) -> None:
        self._application = application
        self._limit = TimeLimit(timeout)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the response.

        Raises NoAnswerError when the application raises anything, ProviderTimeoutError.
        """
        try:
            return self._limit.call(partial(self._response, request))
        except TimeIsUpError as error:
            raise ProviderTimeoutError(
                f"The application did not respond within {self._limit.seconds:g} s (--timeout)"
            ) from error
        except (Exception, SystemExit) as error:  # an exit would be that of the whole run
            raise NoAnswerError(f"The application raised {described(error)}") from error

    def _response(self, request: HttpRequest) -> HttpResponse:
        started: list[tuple[int, tuple[tuple[str, str], ...]]] = []
        written: list[bytes] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _: object = None
        ) -> Callable[..., Any]:
            started.append((int(status.split(" ", 1)[0]), tuple(headers)))
            return written.append

        chunks = self._application(_environ(request), start_response)
        try:
            written.extend(chunks)
        finally:
            # PEP 3333: a server calls it even after an error, so that the application can clean up.
            if hasattr(chunks, "close"):
                chunks.close()
        # An application that fails later may start its response again; the last one counts.
        status, headers = started[-1]
        return HttpResponse(status, headers, b"".join(written))

    def close_idle(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Release what measures the time."""
        self._limit.close()


def _environ(request: HttpRequest) -> dict[str, Any]:
    parts = urlsplit(request.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(request.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.content:
        environ["CONTENT_LENGTH"] = str(len(request.content))
    # PEP 3333: text in the environment holds bytes, each as one character of Latin-1.
    for name, value in request.headers:
        if name.lower() != "content-length":
            prefix = "" if name.lower() in _OWN_VARIABLES else "HTTP_"
            environ[prefix + name.upper().replace("-", "_")] = value.encode().decode("latin-1")
    return environ
