"""Passwords and headers of webhooks, and logs of attempts; they were encrypted before they come here."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from broker.domain.webhooks.webhook import WebhookRequest
from broker.storage.tables import delivery_attempts, webhooks
from tally.hashing import compact_json, parse_exactly
from tally.values import dataclass

_OPEN = select(webhooks.c.uuid, webhooks.c.request).where(webhooks.c.credentials.is_(None))
_SEAL = (
    update(webhooks)
    .where(
        webhooks.c.uuid == bindparam("webhook_uuid"),
        webhooks.c.request == bindparam("open_request", type_=webhooks.c.request.type),
        webhooks.c.credentials.is_(None),
    )
    .values(request=bindparam("new_request"), credentials=bindparam("token"))
)
_TOKENS = select(webhooks.c.uuid, webhooks.c.credentials).where(webhooks.c.credentials.is_not(None))
_REPLACE_TOKEN = (
    update(webhooks)
    .where(webhooks.c.uuid == bindparam("webhook_uuid"))
    .values(credentials=bindparam("new_token"))
)
_LOGS_AFTER = (
    select(delivery_attempts.c.id, delivery_attempts.c.logs)
    .where(delivery_attempts.c.id > bindparam("last"), delivery_attempts.c.logs.like(bindparam("pattern")))
    .order_by(delivery_attempts.c.id)
    .limit(bindparam("most"))
)
_REPLACE_LOG = (
    update(delivery_attempts)
    .where(delivery_attempts.c.id == bindparam("attempt_id"))
    .values(logs=bindparam("new_logs"))
)


@dataclass(frozen=True)
class SealedRequest:
    """A request as it is stored.

    *token* has its password and its headers, encrypted; None when the request has them.
    """

    request: WebhookRequest
    token: bytes | None = None


@dataclass(frozen=True)
class OpenRequest:
    """A request of which nothing is encrypted, and the *uuid* of its webhook."""

    uuid: str
    text: bytes

    @property
    def request(self) -> WebhookRequest:
        """The request."""
        return read_request(self.text)


class Credentials:
    """What is encrypted of webhooks, and what is not."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_requests(self) -> list[OpenRequest]:
        """Return the requests of which nothing is encrypted."""
        return [OpenRequest(*row) for row in self._connection.execute(_OPEN)]

    def seal(self, stored: OpenRequest, sealed: SealedRequest) -> None:
        """Store the request encrypted, unless it is another one by now."""
        values = {
            "webhook_uuid": stored.uuid,
            "open_request": stored.text,
            "new_request": written(sealed.request),
            "token": sealed.token,
        }
        self._connection.execute(_SEAL, values)

    def tokens(self) -> Mapping[str, bytes]:
        """Return all that is encrypted, by the uuid of the webhook."""
        return {row.uuid: row.credentials for row in self._connection.execute(_TOKENS)}

    def replace_tokens(self, tokens: Mapping[str, bytes]) -> None:
        """Store what was encrypted anew."""
        if tokens:
            self._connection.execute(
                _REPLACE_TOKEN,
                [{"webhook_uuid": uuid, "new_token": token} for uuid, token in tokens.items()],
            )

    def logs_after(self, last: int, prefix: str, *, most: int) -> Mapping[int, str]:
        """Return logs that begin with *prefix*, by the id of their attempt, which is above *last*."""
        values = {"last": last, "pattern": f"{prefix}%", "most": most}
        return {row.id: row.logs for row in self._connection.execute(_LOGS_AFTER, values)}

    def replace_logs(self, logs: Mapping[int, str]) -> None:
        """Store logs that were encrypted anew."""
        if logs:
            rows = [{"attempt_id": number, "new_logs": text} for number, text in logs.items()]
            self._connection.execute(_REPLACE_LOG, rows)


def written(request: WebhookRequest) -> bytes:
    """Return the request as it is stored."""
    return compact_json(vars(request))


def read_request(text: bytes) -> WebhookRequest:
    """Return what `written` made."""
    return WebhookRequest(**parse_exactly(text))
