"""A log-in that has left for an identity provider: what the browser keeps until it comes back."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from broker.services.accounts.log_in import LogInRefusedError
from tally.values import dataclass

LONGEST = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_AGAIN = "Log in again: "


@dataclass(frozen=True)
class Flow:
    """What binds the provider's answer to the browser that asked; *to* is the page to go on to."""

    provider: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    to: str
    begun_at: int

    @property
    def challenge(self) -> str:
        """The PKCE challenge (S256) of the verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def new_flow(provider: str, to: str, now: datetime) -> Flow:
    """Return a flow with chances of its own."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Flow(provider, state, nonce, verifier, to, int(now.timestamp()))


def code_of(answer: Mapping[str, str], flow: Flow | None, provider: str, now: datetime) -> str:
    """Return the code in a provider's answer to this flow. Raises LogInRefusedError for any other answer."""
    if flow is None or flow.provider != provider:
        raise LogInRefusedError(
            f"{_AGAIN}this browser has not begun this log-in, or has lost the cookie that belongs to it."
        )
    if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
        raise LogInRefusedError(f"{_AGAIN}this answer belongs to another log-in, perhaps an older one.")
    if now.timestamp() - flow.begun_at > LONGEST.total_seconds():
        raise LogInRefusedError(f"{_AGAIN}it took more than {LONGEST.seconds // 60} minutes.")
    if "error" in answer:
        raise LogInRefusedError(f"{_AGAIN}the provider refused it ({_shown(answer['error'])}).")
    if not answer.get("code"):
        raise LogInRefusedError(f"{_AGAIN}the provider sent no code.")
    return answer["code"]


def _shown(error: str) -> str:
    """Return a code of an error, without what somebody may have written into a link."""
    is_code = error.isascii() and error.replace("_", "").isalpha() and len(error) <= 64  # noqa: PLR2004 - the longest of OpenID has 26
    return error if is_code else "for a reason that cannot be shown"
