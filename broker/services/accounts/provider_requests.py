"""Requests to identity providers: by the rules of issuers, which are strangers', except for their own host.

The settings name the host of a provider, so it may be in a private network; what else its configuration names
must be public, or listed.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from broker.domain.accounts.providers import Provider
from broker.domain.errors import ForbiddenError
from broker.services.accounts.issuer_documents import unacceptable_address
from broker.services.accounts.log_in import LogInRefusedError
from broker.services.outgoing.connection import OutgoingRequest, SendingError
from broker.services.outgoing.rules import SendingRules
from broker.services.outgoing.send import send
from tally import json_text
from tally.values import dataclass

logger = logging.getLogger("broker")
_CODE = re.compile(r"[a-z_]{1,64}")
_FORM = "application/x-www-form-urlencoded"


class ProviderError(ForbiddenError):
    """An identity provider gives no usable answer; the text is for whoever logs in, the log says why."""


@dataclass(frozen=True)
class ProviderAnswer:
    """What a provider answered: JSON, or None for what is no JSON."""

    status: int
    document: Any = field(repr=False)
    headers: Mapping[str, str]

    @property
    def error(self) -> str:
        """The code of the provider's error, such as invalid_grant; "" for none that can be shown."""
        found = self.document.get("error") if isinstance(self.document, dict) else None
        return found if isinstance(found, str) and _CODE.fullmatch(found) else ""


class ProviderRequests:
    """Send requests to one provider."""

    def __init__(self, provider: Provider, rules: SendingRules) -> None:
        self.provider = provider
        self._rules = rules
        self._own = urlsplit(provider.issuer).hostname or ""

    def rules_for(self, url: str) -> SendingRules:
        """Return the rules of a request: the provider's own host may be anywhere."""
        is_own = (urlsplit(url).hostname or "") == self._own
        return replace(self._rules, hosts=(*self._rules.hosts, self._own)) if is_own else self._rules

    def get(self, url: str, token: str) -> ProviderAnswer:
        """Return what is at an address, for the holder of an access token. Raises ProviderError."""
        return self._send("GET", url, {"authorization": f"Bearer {token}"})

    def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> ProviderAnswer:
        """Return the answer to a form. Raises ProviderError."""
        body = urlencode(fields).encode()
        return self._send("POST", url, {**headers, "content-type": _FORM}, body)

    def unusable(self, reason: str) -> ProviderError:
        """Return the error of a provider whose answer is of no use; *reason* goes to the log."""
        logger.warning("Nobody can log in by %s: %s", self.provider.name, reason)
        return ProviderError(
            f"{self.provider.title} gave an answer that cannot be used; the log of the broker says why. "
            "Try again, or ask whoever runs the broker."
        )

    def refused(self, reason: str) -> LogInRefusedError:
        """Return the refusal of what a provider says about somebody; *reason* goes to the log."""
        logger.warning("Somebody cannot log in by %s: %s", self.provider.name, reason)
        return LogInRefusedError(
            f"What {self.provider.title} says about you is not accepted; the log of the broker says why. "
            "Log in again and, if that does not help, ask whoever runs the broker."
        )

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> ProviderAnswer:
        if reason := unacceptable_address(url.partition("?")[0]):
            raise self.unusable(f"{url} {reason}")
        standard = {"host": urlsplit(url).netloc, "accept": "application/json", "user-agent": "Tallystick"}
        if method == "POST":
            standard["content-length"] = str(len(body))
        request = OutgoingRequest(method, url, {**standard, **headers}, body)
        try:
            answer = send(request, self.rules_for(url))
        except SendingError as error:
            raise self.unusable(f"{url} cannot be asked: {error}") from error
        if answer.is_cut:
            raise self.unusable(f"{url} answered more than {self._rules.kilobytes} KiB")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self.unusable(f"{url} answered {answer.status}")
        return ProviderAnswer(answer.status, _json(answer.body), answer.headers)


def _json(body: bytes) -> Any:
    try:
        found = json_text.read_plainly(body.decode())
        json_text.refuse_halves(found)
    except (ValueError, RecursionError):
        return None
    return found
