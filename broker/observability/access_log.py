"""The access log: one line for each request that was answered, or refused before anybody looked at it."""

import logging
from http import HTTPStatus

from broker.domain.accounts.tokens import has_token
from broker.logs import FIELDS, escaped
from broker.observability.exchanges import Exchange
from broker.web.routes import path

PROBES = tuple(path(name) for name in ("heartbeat", "health-live", "health-ready"))
"""What looks whether the broker lives; it has no line as long as all is well."""
LONGEST = 500
"""Characters of a path that are logged."""
logger = logging.getLogger("broker.access")


class AccessLog:
    """Writes the lines."""

    def begun(self, exchange: Exchange) -> None:
        """Wait for the answer."""

    def ended(self, exchange: Exchange, status: int, size: int) -> None:
        """Log the request."""
        if status < HTTPStatus.BAD_REQUEST and exchange.path.endswith(PROBES):
            return
        fields: dict[str, str | int | float | None] = {
            "request_id": exchange.request_id,
            "actor": exchange.actor or None,
            "actor_kind": exchange.actor_kind or None,
            "method": escaped(exchange.method) or None,
            "route": exchange.route or None,
            "path": shown_path(exchange.path) or None,
            "status": status,
            "ms": round(1000 * exchange.seconds, 1),
            "bytes": size,
            "address": escaped(exchange.address) or None,
        }
        what = fields["route"] or fields["path"] or "-"
        logger.info("%s %s %s", fields["method"] or "-", what, status, extra={FIELDS: fields})


def shown_path(path: str) -> str:
    """Return the path as it is logged: nobody can make it a line of its own, and no token is in it."""
    if has_token(path):
        return "(has a token)"
    return escaped(path[:LONGEST]) + ("…" if len(path) > LONGEST else "")
