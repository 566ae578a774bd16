"""Transports for an application in this process, without a socket or a server."""

import inspect

from tally.errors import UsageError
from verifier.transport.asgi import AsgiTransport
from verifier.transport.transport import Transport
from verifier.transport.wsgi import WsgiTransport


def application_transport(application: object, *, timeout: float = 30) -> Transport:
    """Return the transport for *application*: ASGI if it is a coroutine function, otherwise WSGI."""
    if not callable(application):
        raise UsageError(f"The application is a {type(application).__name__}, which cannot be called.")
    call = getattr(application, "__call__", None)  # noqa: B004 - its own, to look at
    if inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call):
        return AsgiTransport(application, timeout=timeout)
    return WsgiTransport(application, timeout=timeout)
