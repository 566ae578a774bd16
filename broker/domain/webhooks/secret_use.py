"""Which webhook may use which secret: one of the same team, for a host that the secret lists."""

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from broker.domain.webhooks.secret import SealedSecret

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:\*\.{_LABEL}\.)?{_LABEL}(?:\.{_LABEL})*")
LONGEST_HOST = 253


class SecretNotAllowedError(Exception):
    """A webhook may not use a secret; the text is a sentence that says why."""


def broken_host(host: str) -> str | None:
    """Return what is wrong with a host of a list, in lower case: "example.org", "*.example.org", "::1"."""
    if len(host) <= LONGEST_HOST and (_HOST.fullmatch(host) or _is_address(host)):
        return None
    return f"'{host[:LONGEST_HOST]}' is no host: give a name such as hooks.example.org, or *.example.org"


def hosts_of(url: str, headers: Mapping[str, str]) -> list[str]:
    """Return the hosts that a request names: that of its URL and, if it has one, that of its header.

    A proxy, or a server of many sites, may go by the header. What cannot be read is no host of any list.
    """
    named = [_host(url)]
    if "host" in headers:
        named.append(_host(f"//{headers['host']}"))
    return list(dict.fromkeys(named))


def broken_rule(name: str, secret: SealedSecret, team_id: int | None, hosts: Iterable[str]) -> str | None:
    """Return why a webhook of the team may not use the secret in a request that names these *hosts*."""
    if secret.team_id != team_id:
        whose = "another team" if secret.team_id is not None else "no team"
        users = "that team" if secret.team_id is not None else "no team"
        return f"the secret '{name}' is of {whose}: only webhooks of {users} may use it"
    if secret.hosts is None:
        return None
    foreign = next((host for host in hosts if not _is_listed(host, secret.hosts)), None)
    if foreign is None:
        return None
    return f"the secret '{name}' may not be sent to {foreign or 'this host'}: its hosts are {_listed(secret)}"


def _listed(secret: SealedSecret) -> str:
    return ", ".join(secret.hosts or ()) or "none"


def _is_listed(host: str, listed: Collection[str]) -> bool:
    if not host or "*" in host:
        return False
    label, _, domain = host.partition(".")
    return host in listed or (bool(label) and f"*.{domain}" in listed and not _is_address(host))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
