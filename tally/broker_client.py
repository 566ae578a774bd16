"""A client of a Pact Broker's HAL API: it follows links, and never builds a broker's URLs."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

from tally import json_text
from tally.errors import (
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    ResourceNotFoundError,
    UnauthorisedError,
    UsageError,
)
from tally.hal import BrokerNotice, Link, Resource, error_messages, notices, reference
from tally.hashing import compact_json, parse_exactly, parse_json
from tally.loading import Later
from tally.pipeline_tokens import ExchangedToken, Pipeline, PipelineAuthorization, exchange

if TYPE_CHECKING:
    import requests
    import urllib3

    from tally import repeating
else:  # a command that explains itself asks no broker
    requests, urllib3, repeating = Later("requests"), Later("urllib3"), Later("tally.repeating")

__all__ = ["BrokerClient", "BrokerNotice", "Link", "Resource", "error_messages"]

ACCEPT = "application/hal+json, application/json"
REPEATING = "tally:idempotency-key"
"""The link in the index of a broker that carries a request with a key out once, however often it arrives."""
SAFE_TO_REPEAT = frozenset({"PUT", "DELETE"})
"""Methods of writes that are repeated at any broker."""
_SET_BY = {
    "Bearer": "--broker-token (PACT_BROKER_TOKEN)",
    "Basic": "--broker-username and --broker-password (PACT_BROKER_USERNAME, PACT_BROKER_PASSWORD)",
}
"""The options that set credentials, by their scheme."""
_ANY = ", or ".join(_SET_BY.values())
LONGEST_TEXT = 2000
"""Characters of a plain-text answer that are shown to a user."""


class BrokerClient:
    """Speak to the broker at *base_url*.

    *timeout* is in seconds, for each request. *verify* is False to trust any certificate, or the path of a
    file with the certificates to trust. Requests that may be repeated safely are, *retries* times, after
    connection errors and the statuses in `tally.repeating`. A write that may be repeated has a header
    Idempotency-Key, the same for all tries; POST and PATCH may when the index says that the broker knows it.
    A session passed as *http* is used as it is: its own adapters decide about retries, and no key is sent.
    A token wins over a user name, which wins over one inside *base_url*. Without any of them, and without
    *headers*, the id token of the *pipeline* is exchanged for a token when the broker asks for credentials.
    With *digits*, the numbers of answers keep their text (`tally.json_text`), to be handed on as they are.

    Raises UsageError when *base_url* is not an HTTP URL, or there are no such certificates. Every method
    raises BrokerUnreachableError, UnauthorisedError, NotFoundError or BrokerRefusedError, and BrokerError for
    an answer that is not HAL.
    """

    def __init__(  # noqa: PLR0913 - what a user may set, all named at the call
        self,
        base_url: str,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        http: requests.Session | None = None,
        timeout: float = 30,
        retries: int = 2,
        verify: bool | str = True,
        headers: Mapping[str, str] | None = None,
        digits: bool = False,
        pipeline: Pipeline | None = None,
    ) -> None:
        self._digits = digits
        self.base_url, url_username, url_password = _without_credentials(base_url)
        self._timeout = timeout
        self._verify = _checked(verify) if self.base_url.startswith("https:") else verify
        self._retries = retries
        self._http = http or repeating.repeating_session(retries)
        self._repeats_writes = http is None and retries > 0
        self._knows_keys = False
        self._http.headers.update(headers or {})
        self.has_credentials = bool(token or username or url_username or headers)
        """Whether it was given what others must not send as theirs; any header may be that."""
        if token:
            self._http.auth = _Authorization(f"Bearer {token}")
        elif username or url_username:
            name, secret = (username, password) if username else (url_username, url_password)
            self._http.auth = requests.auth.HTTPBasicAuth((name or "").encode(), (secret or "").encode())
        elif pipeline and not headers:
            self._http.auth = PipelineAuthorization(self.base_url, pipeline, self._verify)

    def asked_with(self, authorization: str | None, *, repeats: bool = True) -> BrokerClient:
        """Return a client of the same broker that sends this header, and nothing else that was given here.

        None sends no credentials at all, not even those of ~/.netrc. One that never *repeats* a request
        answers at once when the broker asks to wait.
        """
        other = copy(self)
        if not repeats:
            other._retries, other._repeats_writes = 0, False  # noqa: SLF001 - it is of this class
        other._send_only(authorization)  # noqa: SLF001 - it is of this class
        return other

    def _send_only(self, authorization: str | None) -> None:
        self._http = repeating.repeating_session(self._retries)
        self._http.auth = _Authorization(authorization)
        environment = self._http.merge_environment_settings(self.base_url, {}, None, self._verify, None)
        self._http.proxies = environment["proxies"]
        self._verify = environment["verify"] or False
        self._http.trust_env = False  # after a redirect, ~/.netrc would be asked even so

    def exchange(self, pipeline: Pipeline) -> ExchangedToken | None:
        """Return a token for the id token of a pipeline; None when the broker exchanges none."""
        return exchange(self.base_url, pipeline, verify=self._verify)

    def index(self) -> Resource:
        """Fetch the index, from which every link is found."""
        return self.get(self.base_url)

    def get(self, url: str, *, params: Sequence[tuple[str, str]] = ()) -> Resource:
        """Fetch *url*; *params* are added to its query string."""
        return self._send("GET", url, params=list(params) or None)

    def follow(self, resource: Resource, rel: str, **variables: str) -> Resource:
        """Fetch what the link *rel* of *resource* points at."""
        return self.get(resource.link(rel).expand(**variables))

    def document(self, url: str) -> Any:
        """Fetch JSON that need not be an object.

        Raises InvalidContractError when it is not JSON that a broker accepts.
        """
        return (parse_exactly if self._digits else parse_json)(self.content(url))

    def content(self, url: str) -> bytes:
        """Fetch what is at *url*, byte for byte."""
        response = self._request("GET", url, {})
        if not response.ok:
            raise _refusal(response, self._state(response))
        return response.content

    def post(
        self,
        url: str,
        body: object,
        *,
        accepted: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Resource:
        """Send *body* (bytes are JSON already) with POST; the statuses in *accepted* are answers too."""
        return self._send("POST", url, body, accepted=accepted, headers=headers)

    def put(self, url: str, body: object, *, headers: Mapping[str, str] | None = None) -> Resource:
        """Send *body* as JSON with PUT; bytes are JSON already."""
        return self._send("PUT", url, body, headers=headers)

    def store(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> bytes:
        """Send JSON with PUT, and return the answer as it is: a pact need not be an object."""
        response = self._request(
            "PUT", url, {"Content-Type": "application/json", **(headers or {})}, content=body
        )
        if not response.ok:
            raise _refusal(response, self._state(response))
        return response.content

    def patch(self, url: str, body: object, *, headers: Mapping[str, str] | None = None) -> Resource:
        """Send *body* as a JSON merge patch."""
        merge_patch = {"Content-Type": "application/merge-patch+json"}
        return self._send("PATCH", url, body, headers={**(headers or {}), **merge_patch})

    def delete(self, url: str) -> Resource:
        """Remove what is at *url*."""
        return self._send("DELETE", url, {})

    def _send(  # noqa: PLR0913 - one place that speaks HTTP, all named at the call
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        params: list[tuple[str, str]] | None = None,
        accepted: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Resource:
        if method == "GET":
            return self._resource(self._request(method, url, {}, params=params), accepted)
        content = body if isinstance(body, bytes) else compact_json(body)
        typed = {"Content-Type": "application/json", **(headers or {})}
        return self._resource(self._request(method, url, typed, content=content), accepted)

    def _resource(self, response: requests.Response, accepted: Collection[int]) -> Resource:
        state = self._state(response)
        if response.ok or response.status_code in accepted:
            return Resource(response.url, response.status_code, state)
        raise _refusal(response, state)

    def _state(self, response: requests.Response) -> dict[str, Any]:
        try:
            read = json_text.read if self._digits else json_text.read_plainly
            state = read(response.content.decode()) if response.content else {}
            if b"\\u" in response.content:
                json_text.refuse_halves(state)
        except json_text.UnacceptableError as error:
            raise BrokerError(f"{response.url} cannot be read: {error}") from error
        except (ValueError, RecursionError):
            state = None
        if isinstance(state, dict):
            self._knows_keys |= REPEATING in (state.get("_links") or ())
            return state
        if response.ok:
            raise BrokerError(f"{response.url} answered, but not with HAL: is it a Pact Broker?")
        return {}

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        params: list[tuple[str, str]] | None = None,
        content: bytes | None = None,
    ) -> requests.Response:
        try:
            # The argument, not session.verify: that one loses against REQUESTS_CA_BUNDLE.
            return self._http.request(
                method,
                url,
                params=params,
                data=content,
                headers={"Accept": ACCEPT, **self._key(method), **headers},
                timeout=self._timeout,
                verify=self._verify,
            )
        except requests.RequestException as error:
            raise BrokerUnreachableError(self._no_answer(url, _cause(error))) from error

    def _key(self, method: str) -> dict[str, str]:
        """Return the header that all tries of one write have; nothing for what is not repeated."""
        is_repeated = (
            self._repeats_writes and method != "GET" and (self._knows_keys or method in SAFE_TO_REPEAT)
        )
        return {repeating.KEY: str(uuid4())} if is_repeated else {}

    def _no_answer(self, url: str, cause: str) -> str:
        if not url.startswith(self.base_url):
            return (
                f"{url} gave no answer ({cause}). The broker at {self.base_url} links to it: "
                "does the broker know its own public address?"
            )
        advice = (
            "Name the certificates to trust with --ssl-certificate (SSL_CERT_FILE)."
            if cause.startswith("TLS")
            else "Check the address (--broker-base-url or PACT_BROKER_BASE_URL), and that it is running."
        )
        return f"The broker at {self.base_url} gave no answer ({cause}). {advice}"


class _Authorization:
    """A header would lose against an entry for the host in ~/.netrc; an authentication does not."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


def _without_credentials(base_url: str) -> tuple[str, str | None, str | None]:
    """Take user name and password out of a URL, so that no message ever shows them."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        shown = base_url.rpartition("@")[2]  # without what may be a password
        raise UsageError(f"{shown!r} is not the address of a broker: write it as http://host:9292.")
    username, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    return address, username, password


def _checked(verify: bool | str) -> bool | str:  # noqa: FBT001 - requests' own type
    if isinstance(verify, str) and not os.path.exists(verify):
        raise UsageError(f"--ssl-certificate (SSL_CERT_FILE): there is no file {verify}.")
    return verify


def _cause(error: requests.RequestException) -> str:
    reason = _reason(error)
    if isinstance(error, requests.exceptions.SSLError):
        return f"TLS: {reason.args[0] if isinstance(reason, Exception) and reason.args else error}"
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "unknown host"
    if "Connection refused" in str(error):
        # Asked before the time-out: urllib3 counts every failure to connect as one.
        return "connection refused"
    if isinstance(error, requests.Timeout) or isinstance(reason, urllib3.exceptions.TimeoutError):
        return "time-out"
    return "the connection failed or was cut"


def _reason(error: requests.RequestException) -> object:
    """Return why urllib3 gave up, which requests wraps."""
    return getattr(error.args[0], "reason", None) if error.args else None


def _refusal(response: requests.Response, state: dict[str, Any]) -> BrokerRefusedError:
    status = response.status_code
    texts = [notice.text for notice in notices(state)]
    said = "\n".join(texts or error_messages(state)) or _plain_text(response)
    if status == requests.codes.unauthorized:
        return UnauthorisedError(_wrong_credentials(response.request, said), status=status)
    if status == requests.codes.forbidden:
        message = f"The broker does not allow {response.request.method} {response.url} (403)"
        advice = "" if response.request.headers.get("Authorization") else f" Set {_ANY}."
        reason = f": {said.removesuffix('.')}" if said else ""
        return UnauthorisedError(f"{message}{reason}.{advice}", status=status)
    if status >= requests.codes.internal_server_error or not said:
        answered = f"The broker answered {status} {response.reason} at {response.url}"
        said = f"{answered} and said: {said}" if said else answered
        said += reference(response.headers, said)
    kind = ResourceNotFoundError if status == requests.codes.not_found else BrokerRefusedError
    return kind(said, status=status, notices=texts)


def _wrong_credentials(request: requests.PreparedRequest, said: str) -> str:
    """Return what is wrong with the credentials of this request, and which options set them."""
    sent = request.headers.get("Authorization", "")
    if not sent:
        return f"The broker wants credentials, and none were given (401). Set {_ANY}."
    if not said:  # a Pact Broker does not say which of them it is
        only_read = "" if request.method == "GET" else ", or may only read"
        said = f"They are wrong{only_read}"
    option = _SET_BY.get(sent.partition(" ")[0], _ANY)
    return f"The broker does not accept these credentials (401). {said}. Check {option}."


def _plain_text(response: requests.Response) -> str:
    """Return a text that was written for people; a page of HTML says nothing in a terminal."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
    return response.text.strip()[:LONGEST_TEXT] if media_type == "text/plain" else ""
