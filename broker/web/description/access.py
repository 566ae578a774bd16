"""How much somebody must be allowed to do for each request (reference §1.9)."""

from broker.domain.access import Access
from broker.domain.accounts.permissions import Action
from broker.settings.settings import Settings
from broker.web.description.needs import ASKS_WHO, PROBES
from broker.web.description.operation import ApiOperation

_READING = {"GET", "HEAD", "OPTIONS"}


def access_needed(configured: Settings, operation: ApiOperation | None, method: str) -> Access:
    """Return how much somebody must be allowed to do for a request; NONE when it is open to everybody.

    Of a broker that has credentials: one without is open as a whole. Pages, and what leads nowhere, have no
    *operation*.
    """
    if operation and operation.needs is PROBES:
        return Access.NONE
    if operation and operation.public_if and operation.public_if(configured):
        return Access.NONE
    needed = Access.READ if method in _READING else Access.WRITE
    if operation and operation.needs is not ASKS_WHO:
        needed = Access.READ if operation.needs.action is Action.READ else Access.WRITE
    return Access.NONE if needed == Access.READ and configured.allow_public_read else needed
