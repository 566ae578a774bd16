"""How requests are refused before the application sees them, and how many were."""

from collections import Counter
from http import HTTPStatus
from typing import Any

import orjson

from broker.web.request_ids import KEY

Scope = dict[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
_STATUSES = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class EarlyRefusals:
    """The refusals of a process. The event loop counts; any thread may read."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({str(int(status)): 0 for status in _STATUSES})
        """By status."""

    def answer(self, scope: Scope, status: int, message: str, *, seconds: int = 1) -> Answer:
        """Count a refusal, and return the answer; *seconds* are those to wait after 503."""
        self.counts[str(int(status))] += 1
        return _answer(scope, status, message, seconds)


def _answer(scope: Scope, status: int, message: str, seconds: int) -> Answer:
    body = {"error": message}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        body["reference"] = scope[KEY]
    content = orjson.dumps(body)
    headers = [
        (b"content-type", b"application/json;charset=utf-8"),
        (b"content-length", b"%d" % len(content)),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"%d" % seconds))
    return status, headers, content
