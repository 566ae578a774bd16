"""`http.client`, and with it requests, urllib3, urllib.request and botocore."""

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from consumer_sdk.errors import DeclarationError
from consumer_sdk.in_process.fake_sockets import FakeSocket
from consumer_sdk.in_process.origins import Origin, origin, origin_of_url
from consumer_sdk.in_process.patching import patch
from consumer_sdk.in_process.routes import ROUTES, Route
from consumer_sdk.judging.exchanges import ReceivedRequest

_TLS = 443


def patch_http_client(module: ModuleType) -> None:
    """Patch the connections of `http.client`."""
    patch(module.HTTPConnection, "connect", _connect)
    patch(module.HTTPSConnection, "connect", _connect)
    patch(module.HTTPConnection, "putrequest", _putrequest)


def patch_urllib3(module: ModuleType) -> None:
    """Patch the connections of `urllib3.connection`, which connect in their own way."""
    patch(module.HTTPConnection, "connect", _connect)
    if "connect" in vars(module.HTTPSConnection):  # without ssl it is a class that only fails
        patch(module.HTTPSConnection, "connect", _connect)


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def connect(self: Any) -> Any:
        where = _origin_of(self)
        if ROUTES.find(where) is None:
            return original(self)
        _refuse_http2(self)
        self.sock = FakeSocket(_finder(where))
        # What urllib3 asks of a connection after it has connected.
        self.is_verified = self.proxy_is_verified = True
        self._has_connected_to_proxy = bool(getattr(self, "proxy", None))
        return None

    return connect


def _putrequest(original: Callable[..., Any]) -> Callable[..., Any]:
    """Patch what begins each request: a connection may have been opened before the recording, or after it."""

    @wraps(original)
    def putrequest(self: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        # A request to a proxy has the whole URL.
        where = origin_of_url(url) if url.startswith(("http://", "https://")) else _origin_of(self)
        is_fake = isinstance(self.sock, FakeSocket)
        if ROUTES.find(where) is None:
            if is_fake:
                self.sock = None
        elif is_fake:
            self.sock.find = _finder(where)
        else:
            _refuse_http2(self)
            if self.sock is not None:
                self.sock.close()
            self.sock = FakeSocket(_finder(where))
        return original(self, method, url, *args, **options)

    return putrequest


def _finder(where: Origin) -> Callable[[ReceivedRequest], Route | None]:
    return lambda request: ROUTES.find(where, request.path)


def _origin_of(connection: Any) -> Origin:
    """Return the origin that a connection is for: behind a tunnel, that at its end."""
    scheme = "https" if connection.default_port == _TLS else "http"
    tunnel = getattr(connection, "_tunnel_host", None)
    if tunnel:
        return origin(scheme, str(tunnel), connection._tunnel_port)  # noqa: SLF001 - it has no public name
    return origin(scheme, connection.host or "", connection.port)


def _refuse_http2(connection: Any) -> None:
    if type(connection).__module__.startswith("urllib3.http2"):
        raise DeclarationError(
            "urllib3.http2 speaks no HTTP/1.1, so it cannot be recorded in process: leave out "
            "urllib3.http2.inject_into_urllib3() in tests, or use serve()."
        )
