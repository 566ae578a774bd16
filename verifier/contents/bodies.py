"""Bodies of a contract as bytes, for the wire, and as JSON values."""

import base64
from typing import Any

from tally.pact import Body
from tally.pact.body_bytes import body_bytes
from verifier.contents.json_values import json_bytes


def serialised(body: Body) -> bytes:
    """Return the bytes to send for *body*; empty when there is no body."""
    return body_bytes(body, json_bytes)


def content_as_json(body: Body) -> Any:
    """Return the content of *body* as a JSON value; bytes become Base64."""
    return base64.b64encode(body.value).decode() if isinstance(body.value, bytes) else body.value
