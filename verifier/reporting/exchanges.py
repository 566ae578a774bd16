"""Requests and responses as JSON values, for reports."""

import base64
from typing import Any

from verifier.results.result import Received, Sent


def sent_document(sent: Sent) -> dict[str, Any]:
    """Return what was sent."""
    return {"method": sent.method, "url": sent.url, "headers": _pairs(sent.headers), **_body(sent.body)}


def received_document(received: Received) -> dict[str, Any]:
    """Return what was received."""
    return {"status": received.status, "headers": _pairs(received.headers), **_body(received.body)}


def rounded(value: float | None) -> float | None:
    """Return a measured value without digits that mean nothing."""
    return None if value is None else round(value, 3)


def _pairs(headers: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [[name, value] for name, value in headers]


def _body(body: bytes) -> dict[str, str]:
    """Return the body as text, or in Base64 under another key when it is not text."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}
