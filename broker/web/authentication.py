"""Who may do what: the basic authentication settings of the Pact Broker (reference §1.9)."""

import hmac

from flask import Response, request

from broker.settings import Settings
from broker.web.context import settings
from broker.web.routes import PATHS

_READING = {"GET", "HEAD", "OPTIONS"}


def check() -> Response | None:
    """Answer 401 unless the credentials allow the request; None lets it through."""
    configured = settings()
    if _is_public(configured) or _may(configured, writing=not _only_reads()):
        return None
    return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Restricted area"'})


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


def _may(configured: Settings, *, writing: bool) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    users = [(configured.basic_auth_username, configured.basic_auth_password)]
    if not writing:
        users.append((configured.basic_auth_read_only_username, configured.basic_auth_read_only_password))
    # Every comparison is made, and takes the same time whatever was given.
    matches = [_equal(given.username, name) & _equal(given.password, password) for name, password in users]
    return any(matches)


def _equal(given: str | None, configured: str) -> bool:
    same = hmac.compare_digest((given or "").encode(), configured.encode())
    return same and bool(configured)
