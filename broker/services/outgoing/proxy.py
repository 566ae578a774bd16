"""Requests through a proxy, for networks that let nothing else out.

The broker cannot see which address a proxy connects to: a name that is public here may be private there. So
only the hosts in the list of hosts are reached through it; without the list, none is.
"""

import base64
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from broker.settings.settings import InvalidSettingError, Settings
from tally.values import dataclass

FROM_ENVIRONMENT = "environment"
"""Instead of an address: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say."""


@dataclass(frozen=True)
class Proxy:
    """Where a proxy is; *authorization* is the value of a header, or None."""

    host: str
    port: int
    authorization: str | None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of each request to the proxy, or of a tunnel."""
        return {"proxy-authorization": self.authorization} if self.authorization else {}


def proxy_for(scheme: str, host: str, port: int, setting: str) -> Proxy | None:
    """Return the proxy that a request goes through, or None when it connects to the host itself.

    *setting* is TALLY_WEBHOOK_PROXY. Raises InvalidSettingError.
    """
    if setting != FROM_ENVIRONMENT:
        return _proxy(setting) if setting else None
    proxies = getproxies_environment()
    address = proxies.get(scheme) or proxies.get("all")
    if not address or proxy_bypass(f"{host}:{port}", proxies):
        return None
    return _proxy(address)


def check(settings: Settings) -> None:
    """Raise InvalidSettingError for a proxy that no webhook could go through."""
    if not settings.webhook_proxy:
        return
    if not settings.webhook_host_whitelist:
        raise InvalidSettingError(
            "TALLY_WEBHOOK_PROXY needs TALLY_WEBHOOK_HOST_WHITELIST: the broker cannot check the addresses "
            "that a proxy connects to, so the hosts must be listed (/.*/ lists all of them)"
        )
    if settings.webhook_proxy == FROM_ENVIRONMENT:
        for scheme in ("http", "https"):
            proxy_for(scheme, "example.org", 443, settings.webhook_proxy)
    else:
        _proxy(settings.webhook_proxy)


def tunnel_request(host: str, port: int, proxy: Proxy) -> bytes:
    """Return the request for a tunnel to the host."""
    name = f"[{host}]" if ":" in host else host
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
    lines += [f"{header}: {value}" for header, value in proxy.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _proxy(address: str) -> Proxy:
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = parts.port or 80
    except ValueError:
        port = 0
    if parts.scheme != "http" or not parts.hostname or not port:
        raise InvalidSettingError(
            f"TALLY_WEBHOOK_PROXY must be http://HOST:PORT or '{FROM_ENVIRONMENT}', which reads HTTPS_PROXY, "
            f"HTTP_PROXY and NO_PROXY, not {parts.scheme}://{parts.hostname or ''}"
        )
    authorization = None
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(credentials.encode()).decode()
    return Proxy(parts.hostname, port, authorization)
