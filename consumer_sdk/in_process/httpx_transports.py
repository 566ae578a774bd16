"""httpx, and httpx2: its transports, below everything that a client does itself."""

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from consumer_sdk.in_process.origins import origin
from consumer_sdk.in_process.patching import patch
from consumer_sdk.in_process.routes import ROUTES, Route
from consumer_sdk.judging.exchanges import ReceivedRequest
from consumer_sdk.judging.senders import current_sender
from consumer_sdk.wire import framed, sent_body


def patch_httpx(module: ModuleType) -> None:
    """Patch the transports of httpx; a transport of the code's own, such as MockTransport, stays as it is."""
    patch(module.HTTPTransport, "handle_request", _handle_request(module))
    patch(module.AsyncHTTPTransport, "handle_async_request", _handle_async_request(module))


def _handle_request(module: ModuleType) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def handle_request(self: Any, request: Any) -> Any:
            route = _route_of(request)
            if route is None:
                return original(self, request)
            return _answered(module, route, request, request.read())

        return handle_request

    return wrap


def _handle_async_request(module: ModuleType) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        async def handle_async_request(self: Any, request: Any) -> Any:
            route = _route_of(request)
            if route is None:
                return await original(self, request)
            return _answered(module, route, request, await request.aread())

        return handle_async_request

    return wrap


def _route_of(request: Any) -> Route | None:
    url = request.url
    return ROUTES.find(origin(url.scheme, url.raw_host.decode("ascii"), url.port), _path(url))


def _path(url: Any) -> str:
    return str(url.raw_path.decode("ascii")).partition("?")[0]


def _answered(module: ModuleType, route: Route, request: Any, content: bytes) -> Any:
    headers = tuple((name.decode("latin-1"), _text(value)) for name, value in request.headers.raw)
    target = request.url.raw_path.decode("ascii")
    answer = route.answer(ReceivedRequest(request.method, target, headers, content, current_sender()))
    body = b"" if request.method == "HEAD" else sent_body(answer)
    lines = [(name.encode(), value.encode("latin-1")) for name, value in framed(answer)]
    return module.Response(
        answer.status,
        headers=lines,
        stream=module.ByteStream(body),
        extensions={"http_version": b"HTTP/1.1"},
        request=request,
    )


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
