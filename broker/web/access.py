"""How much somebody must be allowed to do for each request (reference §1.9)."""

from broker.domain.access import Access
from broker.settings import Settings

_READING = {"GET", "HEAD", "OPTIONS"}


def access_needed(configured: Settings, endpoint: str, method: str) -> Access:
    """Return how much somebody must be allowed to do for a request; NONE when it is open to everybody.

    Of a broker that has credentials: one without is open as a whole.
    """
    is_open = (configured.public_heartbeat and endpoint == "index.heartbeat") or (
        configured.enable_public_badge_access and endpoint.startswith("badges.")
    )
    if is_open:
        return Access.NONE
    # Asking for the pacts to verify is a POST that changes nothing.
    only_reads = method in _READING or (method == "POST" and endpoint == "pacts_for_verification.ask")
    if only_reads:
        return Access.NONE if configured.allow_public_read else Access.READ
    return Access.WRITE
