"""Send one request to a receiver that is not trusted: to which address, for how long, how much is read.

Before each attempt the name is looked up, and its addresses are checked
(`broker.domain.webhooks.allowed_hosts`). The connection is made to an address that was checked, so that a
name that means another address a moment later gains nothing. Redirects are not followed.
"""

import socket
import ssl
import time
from dataclasses import replace
from functools import cache
from urllib.parse import SplitResult, quote, urlsplit

from broker.domain.webhooks import allowed_hosts
from broker.domain.webhooks import certificates as pem
from broker.services.outgoing.connection import (
    OutgoingRequest,
    ReceiverConnection,
    ReceiverResponse,
    SendingError,
)
from broker.services.outgoing.proxy import Proxy, proxy_for
from broker.services.outgoing.rules import SendingRules
from broker.settings.settings import InvalidSettingError
from tally.values import dataclass

_NOT_QUOTED = "%/:=&?~#+!$,;'@()*[]-._"


@dataclass(frozen=True)
class _Destination:
    """Where a request goes: *addresses* are the proxy's if there is one, otherwise the host's."""

    host: str
    port: int
    proxy: Proxy | None
    addresses: list[str]
    context: ssl.SSLContext | None


def send(request: OutgoingRequest, rules: SendingRules) -> ReceiverResponse:
    """Send the request once and return the response, within the time that is set. Raises SendingError."""
    deadline = time.monotonic() + rules.seconds
    parts = urlsplit(request.url)
    to = _destination(parts, rules)
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_NOT_QUOTED)
    if to.proxy and not to.context:
        request = replace(request, headers={**request.headers, **to.proxy.headers})
        target = f"http://{parts.netloc}{target}"
    with ReceiverConnection(deadline, rules.seconds) as connection:
        connection.open(to.addresses, to.proxy.port if to.proxy else to.port)
        if to.proxy and to.context:
            connection.tunnel(to.host, to.port, to.proxy)
        if to.context:
            connection.secure(to.host, to.context)
        return connection.send(request, to.host, target, rules.kilobytes * 1024)


def check(rules: SendingRules) -> None:
    """Raise InvalidSettingError for rules by which nothing could be sent."""
    try:
        allowed_hosts.check(rules.hosts)
    except allowed_hosts.InvalidHostError as error:
        raise InvalidSettingError(f"{rules.setting}: {error}") from error
    if rules.certificates:  # those of the system take 20 ms and 2 MB, and cannot be refused
        _context(rules.certificates, rules.verifies)


def _destination(parts: SplitResult, rules: SendingRules) -> _Destination:
    host = parts.hostname or ""
    is_secure = parts.scheme == "https"
    try:
        port = parts.port or (443 if is_secure else 80)
        proxy = proxy_for(parts.scheme, host, port, rules.proxy)
        context = _context(rules.certificates, rules.verifies)
    except InvalidSettingError as error:
        raise SendingError(str(error)) from error
    except ValueError as error:
        raise SendingError(f"{parts.geturl()} has no valid port") from error
    _check_listed(host, rules, by_proxy=proxy is not None)
    addresses = _look_up(proxy.host, proxy.port) if proxy else _allowed(host, port, rules)
    return _Destination(host, port, proxy, addresses, context if is_secure else None)


def _check_listed(host: str, rules: SendingRules, *, by_proxy: bool) -> None:
    listed = rules.hosts
    if not allowed_hosts.is_listed(host, listed):
        raise SendingError(f"{host} is not in {rules.setting}")
    is_forbidden = allowed_hosts.is_address(host) and not allowed_hosts.is_allowed(host, host, listed)
    if by_proxy and (not listed or is_forbidden):
        raise SendingError(f"{host} may not be reached through a proxy unless {rules.setting} lists it")


def _allowed(host: str, port: int, rules: SendingRules) -> list[str]:
    listed = rules.hosts
    addresses = _look_up(host, port)
    allowed = [address for address in addresses if allowed_hosts.is_allowed(address, host, listed)]
    if not allowed:
        raise SendingError(
            f"{host} is {', '.join(addresses)}, which is not public, and {rules.setting} does not allow it"
        )
    return allowed


def _look_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SendingError(
            f"{host} cannot be looked up: {getattr(error, 'strerror', None) or error}"
        ) from error
    return list(dict.fromkeys(str(item[4][0]) for item in found))


@cache
def _context(certificates: tuple[str, ...], verifies: bool) -> ssl.SSLContext:  # noqa: FBT001 - the rule of that name
    context = ssl.create_default_context()
    for certificate in certificates:
        _trust(context, certificate)
    if not verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _trust(context: ssl.SSLContext, certificate: str) -> None:
    try:
        if pem.is_text(certificate):
            context.load_verify_locations(cadata=certificate)
        else:
            context.load_verify_locations(cafile=certificate)
    except OSError as error:  # an SSLError is one
        which = "a certificate's text" if pem.is_text(certificate) else certificate
        reason = "it is not a certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise InvalidSettingError(f"TALLY_WEBHOOK_CERTIFICATES: cannot use {which}: {reason}") from error
