"""Refuse changes that another site makes a browser ask for, with the credentials that the browser keeps.

Browsers say where a request comes from; the clients of Pact say nothing, and are not concerned.
"""

import re
from urllib.parse import urlsplit

from flask import request

from broker.domain.errors import ForbiddenError
from broker.web import base_url

_SAFE = {"GET", "HEAD", "OPTIONS"}
_NOT_ANOTHER = {"same-origin", "same-site", "none"}
"""What browsers say in Sec-Fetch-Site when it is no other site; of the same site, Origin decides."""
_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+(?::[0-9]+)?|\[[0-9a-f:.]+\](?::[0-9]+)?)")
_PORTS = {"http": 80, "https": 443}
_REFUSED = "The page of another site may not change anything here. Use a page of the broker, or its API."


class OwnSite:
    """Where pages of this broker come from: its *addresses*, or else where the request itself came to."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self._addresses = addresses

    def check(self) -> None:
        """Raise ForbiddenError for a change that comes from elsewhere."""
        environ = request.environ
        if request.method in _SAFE:
            return
        origin = environ.get("HTTP_ORIGIN")
        site = environ.get("HTTP_SEC_FETCH_SITE", "none").strip().lower()
        if site not in _NOT_ANOTHER or (origin is not None and not self._is_own(origin)):
            raise ForbiddenError(_REFUSED)

    def _is_own(self, origin: str) -> bool:
        sent = _ORIGIN.fullmatch(origin.lower())
        if sent is None:  # such as null, for a page without a place
            return False
        scheme, host = sent.groups()
        forwarded = urlsplit(base_url.base(self._addresses, request.environ)).netloc
        asked = (request.environ.get("HTTP_HOST", ""), forwarded)
        own = {_place(urlsplit(address).netloc, scheme) for address in self._addresses}
        # The scheme is not compared: a proxy that adds TLS may not say so.
        return _place(host, scheme) in own | {_place(host, scheme) for host in asked}


def _place(host: str, scheme: str) -> str:
    """Return host and port, without the port that the scheme has anyway."""
    return host.lower().removesuffix(f":{_PORTS.get(scheme, 0)}")
