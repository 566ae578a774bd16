"""A session with a collector of OpenTelemetry, whose answers may be as long as they like."""

import io
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from urllib3.exceptions import HTTPError

MOST_BYTES = 16_384
"""Bytes of an answer that are read; those of a collector are a few."""
_LONGEST_SECONDS = 10.0


class CollectorSession(requests.Session):
    """Reads the begin of each answer. Who answers with more is asked on another connection the next time."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send the request. Raises requests.RequestException."""
        deadline = time.monotonic() + (options.get("timeout") or _LONGEST_SECONDS)
        response = super().send(request, **{**options, "stream": True})
        response.raw = io.BytesIO(_begin_of(response, deadline))
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - the library's name
        """Say that there is none: it is not followed, but its body would be read as a whole."""
        return


def _begin_of(response: requests.Response, deadline: float) -> bytes:
    """Read what comes until then, as it is; close the connection unless that was all."""
    content = bytearray()
    try:
        while len(content) < MOST_BYTES and time.monotonic() < deadline:
            part = response.raw.read1(MOST_BYTES - len(content), decode_content=False)
            if not part:
                return bytes(content)
            content += part
    except HTTPError:
        pass  # the status, which says whether it was taken, has come
    response.close()
    return bytes(content)
