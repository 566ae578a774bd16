"""The address of a client, as the last trusted proxy says it."""

import re

from flask import request

from broker.settings.settings import Settings

_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")


def client_address(settings: Settings) -> str:
    """Return the address of the client, according to the last trusted proxy."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return address_of(request.remote_addr or "", forwarded, settings.trusted_proxies)


def address_of(remote: str, forwarded: str, proxies: int) -> str:
    """Return the address of a client whose connection comes from *remote*, with this X-Forwarded-For."""
    said = forwarded.split(",")
    if proxies and len(said) >= proxies and said[-proxies].strip():
        return _without_port(said[-proxies].strip())
    return remote


def _without_port(address: str) -> str:
    """Return the address alone: some proxies add the port, which is another one for each connection."""
    match = _WITH_PORT.fullmatch(address)
    return address if match is None else match[1] or match[2]
