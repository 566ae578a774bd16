"""Authentication: basic, with the settings of the Pact Broker (reference §1.9), and API tokens."""

import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping

from flask import Response, request
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import TooManyRequests, Unauthorized

from broker.domain.access import Access, digest
from broker.settings import Settings
from broker.web import problems
from broker.web.context import access_of_asker
from broker.web.description.access import access_needed
from broker.web.description.operation import ApiOperation
from broker.web.failed_logins import FailedLogins

logger = logging.getLogger("broker")
LONGEST_NAME = 100
"""Characters of a wrong user name that are remembered."""

_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")
_MISSING = "Credentials are missing: send a token (Authorization: Bearer), or a user name and a password"
_UNREADABLE = "The header Authorization cannot be read: it must be 'Bearer TOKEN', or 'Basic' and Base64"
_WRONG = {"token": "This broker has no such token", "user": "The user name or the password is wrong"}
_ONLY_READS = "This {} may only read"  # 401 and not 403: so do Pact Brokers, and their clients expect it


class Guard:
    """Let requests pass that the settings and the *operations* of the views, by endpoint, allow."""

    def __init__(
        self,
        settings: Settings,
        operations: Mapping[str, ApiOperation],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._operations = operations
        self._tokens = settings.tokens
        self._users = settings.users
        self._is_proxy_unknown = not settings.trusted_proxies
        self._failed_logins = FailedLogins(settings.failed_logins_per_minute, timer=timer)

    def check(self) -> Response | None:
        """Return None when the credentials allow the request; otherwise 401, or 429 after many failures."""
        operation = self._operations.get(request.endpoint or "")
        needed = access_needed(self._settings, operation, request.method)
        if needed == Access.NONE:
            return None
        access = access_of_asker()
        if isinstance(access, Response):
            return access
        return None if access >= needed else only_reads()

    def access(self) -> Access | Response:
        """Return what whoever asks may do, also where the request itself is open to everybody.

        Without credentials, and with wrong ones, it is an answer that asks for them. Wrong passwords count as
        they do elsewhere: the answer may tell whether one is right.
        """
        given = _given()
        return self._judged(given) if given is not None else _without_credentials()

    def asker(self) -> str:
        """Return the name of the user or the token, which were checked before; "" for nobody."""
        given = _given()
        if given is None:
            return ""
        if given.type != "bearer":
            return f"user {given.username}"
        hashed = digest(given.token or "")
        names = (token.name for token in self._tokens if hmac.compare_digest(hashed, token.digest))
        return f"token {next(names, '')}"

    def _judged(self, given: Authorization) -> Access | Response:
        """Return what the credentials allow; 401 or 429 if nothing."""
        key = (self._address(), (given.username or "")[:LONGEST_NAME])
        if given.type == "bearer":  # nobody can guess a token, so failed tokens never lock out a user
            access = self._access_of_token(given.token or "")
        elif given.type != "basic":
            return _refusal(_UNREADABLE)
        elif seconds := self._failed_logins.seconds_to_wait(key):
            return _too_many(seconds)
        else:
            access = self._access_of_user(given)
        if access == Access.NONE:
            self._failed_logins.failed(key)
            self._warn_of_proxy()
            seconds = self._failed_logins.seconds_to_wait(key)
            return _too_many(seconds) if seconds else _refusal(_WRONG[_kind(given)])
        self._failed_logins.succeeded(key)
        return access

    def _warn_of_proxy(self) -> None:
        """Say once that all who come through a proxy count as one address."""
        if self._is_proxy_unknown and "X-Forwarded-For" in request.headers:
            self._is_proxy_unknown = False
            logger.warning(
                "Failed log-ins of all clients behind %s count together. If that is a proxy of yours, set "
                "TALLY_TRUSTED_PROXIES to the number of proxies.",
                request.remote_addr,
            )

    def _access_of_user(self, given: Authorization) -> Access:
        # Compare all, in constant time, so that the duration tells nothing about names and passwords.
        matches = [
            access if _equal(given.username, name) & _equal(given.password, password) else Access.NONE
            for name, password, access in self._users
        ]
        return max(matches, default=Access.NONE)

    def _access_of_token(self, given: str) -> Access:
        hashed = digest(given)
        matches = [
            token.access if hmac.compare_digest(hashed, token.digest) else Access.NONE
            for token in self._tokens
        ]
        return max(matches, default=Access.NONE)

    def _address(self) -> str:
        """Return the address of the client, according to the last trusted proxy."""
        proxies = self._settings.trusted_proxies
        said = request.headers.get("X-Forwarded-For", "").split(",")
        if proxies and len(said) >= proxies and said[-proxies].strip():
            return _without_port(said[-proxies].strip())
        return request.remote_addr or ""


def _without_port(address: str) -> str:
    """Return the address alone: some proxies add the port, which is another one for each connection."""
    match = _WITH_PORT.fullmatch(address)
    return address if match is None else match[1] or match[2]


def _given() -> Authorization | None:
    """Return the credentials of the request, or None when there are none that can be read."""
    try:
        return request.authorization
    except ValueError:  # what should be Base64 is not even ASCII
        return None


def _kind(given: Authorization) -> str:
    return "token" if given.type == "bearer" else "user"


def only_reads() -> Response:
    """Ask for other credentials than those of the request, which may only read."""
    given = _given()
    return _refusal(_ONLY_READS.format("user" if given is None else _kind(given)))


def _without_credentials() -> Response:
    return _refusal(_UNREADABLE if "Authorization" in request.headers else _MISSING)


def _refusal(reason: str) -> Response:
    response = problems.failed(Unauthorized(reason))
    response.headers["WWW-Authenticate"] = 'Basic realm="Restricted area"'
    return response


def _too_many(seconds: int) -> Response:
    response = problems.failed(TooManyRequests(f"Too many failed log-ins. Try again in {seconds} s."))
    response.headers["Retry-After"] = str(seconds)
    return response


def _equal(given: str | None, configured: str) -> bool:
    return hmac.compare_digest((given or "").encode(), configured.encode())
