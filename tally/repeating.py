"""HTTP sessions that send a request again when it failed for a moment: see `tally.broker_client`."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.util.retry import Retry

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that may be gone at the next attempt."""
LONGEST_WAIT = 30.0
"""Seconds that a broker's Retry-After is honoured for, at most."""
KEY = "Idempotency-Key"


class _PatientRetry(Retry):
    """Waits 0, 0.5, 1, 2, … seconds, or as long as the broker asks for within LONGEST_WAIT."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        wait = super().get_retry_after(response)
        return None if wait is None else min(wait, LONGEST_WAIT)


class _RetryWithKey(_PatientRetry):
    """Repeats any method, also while the broker still carries the first try out."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: FBT001, FBT002 - urllib3's
        is_under_way = status_code == requests.codes.conflict and has_retry_after and bool(self.total)
        return is_under_way or super().is_retry(method, status_code, has_retry_after)


class _Adapter(HTTPAdapter):
    """Repeats requests that have a key more freely than others, over the same connections."""

    def __init__(self, retries: int) -> None:
        usual: dict[str, Any] = {
            "total": retries,
            "backoff_factor": 0.25,
            "status_forcelist": RETRIED,
            "raise_on_status": False,
        }
        super().__init__(max_retries=_PatientRetry(**usual))
        self._with_key = HTTPAdapter(max_retries=_RetryWithKey(**usual, allowed_methods=None))
        self._with_key.poolmanager = self.poolmanager
        self._with_key.proxy_manager = self.proxy_manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if KEY in request.headers:
            return self._with_key.send(request, *args, **kwargs)
        return super().send(request, *args, **kwargs)


def repeating_session(retries: int) -> requests.Session:
    """Return a session that sends what may be repeated up to *retries* times again."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(retries))
    return session
