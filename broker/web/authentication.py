"""Who may do what: the basic authentication settings of the Pact Broker (reference §1.9), and API tokens."""

import hmac

from flask import Response, request
from werkzeug.datastructures import Authorization

from broker.domain.access import Access, digest
from broker.settings import Settings
from broker.web.context import now
from broker.web.failed_logins import FailedLogins, Key
from broker.web.routes import PATHS

LONGEST_NAME = 100
"""Characters of a wrong user name that are remembered."""
_READING = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """Let through the requests that may be, as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens = settings.tokens
        self._users = settings.users
        self._failed_logins = FailedLogins(settings.failed_logins_per_minute)

    def check(self) -> Response | None:
        """Answer 401 unless the credentials allow the request, or 429 after many failures; None allows it."""
        if _is_public(self._settings):
            return None
        given = request.authorization
        if given is None:
            return _refusal()
        key = (self._address(), (given.username or "")[:LONGEST_NAME])
        if given.type == "bearer":  # which nobody guesses, so nobody has to wait for somebody who tries
            return self._verdict(key, self._access_of_token(given.token or ""))
        if seconds := self._failed_logins.seconds_to_wait(key, now()):
            return _too_many(seconds)
        return self._verdict(key, self._access_of_user(given))

    def _verdict(self, key: Key, access: Access) -> Response | None:
        if access == Access.NONE:
            self._failed_logins.failed(key, now())
            seconds = self._failed_logins.seconds_to_wait(key, now())
            return _too_many(seconds) if seconds else _refusal()
        self._failed_logins.succeeded(key)
        return None if access >= (Access.READ if _only_reads() else Access.WRITE) else _refusal()

    def _access_of_user(self, given: Authorization) -> Access:
        if given.type != "basic":
            return Access.NONE
        # Every comparison is made, and takes the same time whatever was given.
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
        """Return where the request comes from, as the last proxy that is trusted says."""
        proxies = self._settings.trusted_proxies
        said = request.headers.get("X-Forwarded-For", "").split(",")
        if proxies and len(said) >= proxies and said[-proxies].strip():
            return said[-proxies].strip()
        return request.remote_addr or ""


def _only_reads() -> bool:
    # Asking for the pacts to verify is a POST that changes nothing.
    return request.method in _READING or (
        request.method == "POST" and request.endpoint == "pacts_for_verification.ask"
    )


def _is_public(configured: Settings) -> bool:
    if configured.public_heartbeat and request.path == PATHS["heartbeat"]:
        return True
    if configured.enable_public_badge_access and request.blueprint == "badges":
        return True
    return configured.allow_public_read and _only_reads()


def _refusal() -> Response:
    return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Restricted area"'})


def _too_many(seconds: int) -> Response:
    text = f"Too many failed log-ins. Try again in {seconds} s.\n"
    return Response(text, 429, {"Retry-After": str(seconds)}, content_type="text/plain;charset=utf-8")


def _equal(given: str | None, configured: str) -> bool:
    return hmac.compare_digest((given or "").encode(), configured.encode())
