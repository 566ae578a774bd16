"""The id token of a pipeline, and its exchange for a token of the broker: no secret has to be stored.

GitHub Actions gives an id token to whoever asks at an address of its own; other providers put one into a
variable.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tally.errors import BrokerError, BrokerUnreachableError, UnauthorisedError, UsageError
from tally.loading import Later
from tally.values import dataclass

if TYPE_CHECKING:
    import requests
    import urllib3
else:
    requests, urllib3 = Later("requests"), Later("urllib3")

ID_TOKEN: Final = "TALLY_ID_TOKEN"  # noqa: S105 - the name of a variable
AUDIENCE: Final = "TALLY_ID_TOKEN_AUDIENCE"
ACCOUNT: Final = "TALLY_ACCOUNT"
GITHUB_URL: Final = "ACTIONS_ID_TOKEN_REQUEST_URL"
GITHUB_TOKEN: Final = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - the name of a variable
EXCHANGE: Final = "/tokens/exchange"
"""The one path of a broker that is known: who has no token yet may not see the links."""
_SECONDS: Final = 10
_MOST_BYTES: Final = 262_144
_LONGEST_TEXT: Final = 2000
_TRIES: Final = 3
_LONGEST_WAIT: Final = 30.0
_BUSY: Final = frozenset({429, 503})
_NO_EXCHANGE: Final = frozenset({404, 405})


@dataclass(frozen=True)
class Pipeline:
    """What the environment says of the pipeline that runs.

    Without an *audience*, id tokens are for the broker's address. *account* is the service account that the
    pipeline wants a token of, where trusts of several fit.
    """

    id_token: str | None = field(default=None, repr=False)
    github_url: str | None = None
    github_token: str | None = field(default=None, repr=False)
    audience: str | None = None
    account: str | None = None

    @property
    def gives_new_ones(self) -> bool:
        """Whether a new id token can be had: each is used once."""
        return self.id_token is None

    def id_token_for(self, base_url: str) -> str:
        """Return an id token for the broker. Raises BrokerError when the provider gives none."""
        if self.id_token is not None:
            return self.id_token
        headers = {"Authorization": f"bearer {self.github_token}", "Accept": "application/json"}
        params = {"audience": self.audience or base_url}
        try:
            with requests.get(
                self.github_url or "", params=params, headers=headers, timeout=_SECONDS, stream=True
            ) as answer:
                found = _json(answer)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise BrokerError(
                f"GitHub gave no id token ({type(error).__name__}): is {GITHUB_URL} as GitHub has set it?"
            ) from error
        if not answer.ok or not isinstance(found.get("value"), str):
            raise BrokerError(
                f"GitHub gave no id token ({answer.status_code}): has the job `permissions: id-token: write`?"
            )
        return str(found["value"])


def pipeline_of(environment: Mapping[str, str]) -> Pipeline | None:
    """Return the pipeline that these variables tell of; None outside of any. TALLY_ID_TOKEN wins."""
    audience = environment.get(AUDIENCE) or None
    account = environment.get(ACCOUNT, "").strip() or None
    if id_token := environment.get(ID_TOKEN, "").strip():
        return Pipeline(id_token=id_token, audience=audience, account=account)
    url, token = environment.get(GITHUB_URL), environment.get(GITHUB_TOKEN)
    if not (url and token):
        return None
    return Pipeline(github_url=url, github_token=token, audience=audience, account=account)


@dataclass(frozen=True)
class ExchangedToken:
    """A token of the broker; *document* is the whole answer."""

    text: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)


def exchange(
    base_url: str,
    pipeline: Pipeline,
    *,
    verify: bool | str = True,
    pause: Callable[[float], None] = time.sleep,
) -> ExchangedToken | None:
    """Return a token of the broker at *base_url* for the pipeline; None when the broker exchanges none.

    It waits, for a minute at most, when the broker asks to. Raises BrokerError, UnauthorisedError when no
    trust fits, and BrokerUnreachableError.
    """
    named = {"account": pipeline.account} if pipeline.account else {}
    body = json.dumps({"token": pipeline.id_token_for(base_url), **named}).encode()
    for _ in range(_TRIES - 1):
        answer, found = _post(base_url, body, verify)
        if answer.status_code not in _BUSY:
            break
        pause(_seconds_to_wait(answer))
    else:
        answer, found = _post(base_url, body, verify)
    if answer.status_code in _NO_EXCHANGE:
        return None
    if answer.ok and isinstance(found.get("token"), str):
        return ExchangedToken(found["token"], found)
    said = _said(found)
    message = f"The broker gives this pipeline no token ({answer.status_code})"
    message = f"{message}: {said}" if said else f"{message}."
    if answer.status_code in {requests.codes.unauthorized, requests.codes.forbidden}:
        raise UnauthorisedError(message, status=answer.status_code)
    raise BrokerError(message)


def _post(base_url: str, body: bytes, verify: bool | str) -> tuple[requests.Response, dict[str, Any]]:  # noqa: FBT001 - requests' own type
    headers = {"Content-Type": "application/json", "Accept": "application/hal+json, application/json"}
    try:
        with requests.post(
            base_url + EXCHANGE,
            data=body,
            headers=headers,
            timeout=_SECONDS,
            verify=verify,
            stream=True,
            auth=_nobody,
            allow_redirects=False,
        ) as answer:
            return answer, _json(answer)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise BrokerUnreachableError(
            f"The broker at {base_url} gave no answer when the id token was to be exchanged "
            f"({type(error).__name__})."
        ) from error


def _seconds_to_wait(answer: requests.Response) -> float:
    given = answer.headers.get("Retry-After", "")
    return min(float(given), _LONGEST_WAIT) if given.isascii() and given.isdigit() else 1.0


class PipelineAuthorization:
    """Sends requests as they are until the broker asks for credentials; then with an exchanged token.

    So nothing changes for a broker that asks for none. Usable by several threads.
    """

    def __init__(self, base_url: str, pipeline: Pipeline, verify: bool | str) -> None:  # noqa: FBT001 - requests' own type
        self._base_url = base_url
        self._pipeline = pipeline
        self._verify = verify
        self._token: str | None = None
        self._exchanges = 0
        self._lock = Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        elif known := requests.utils.get_netrc_auth(request.url or ""):  # as without an authentication
            request.headers["Authorization"] = requests.auth._basic_auth_str(*known)  # noqa: SLF001 - as without ours
        request.register_hook("response", self._answered)  # type: ignore[no-untyped-call]
        return request

    def _answered(self, response: requests.Response, **options: Any) -> requests.Response:
        """Send the request again, with a token, if the broker asks for credentials."""
        sent = response.request.headers.get("Authorization")
        if response.status_code != requests.codes.unauthorized or not self._is_of_broker(
            response.request.url
        ):
            return response
        _ = response.content  # so that its connection is free, whatever comes of the exchange
        token = self._new_token(sent)
        if token is None:
            return response
        again = response.request.copy()
        again.hooks = {"response": []}
        again.headers["Authorization"] = f"Bearer {token}"
        answer: requests.Response = response.connection.send(again, **options)
        answer.history.append(response)
        answer.request = again
        return answer

    def _new_token(self, sent: str | None) -> str | None:
        """Return another token than the one that was sent, or None when there is none to be had."""
        with self._lock:
            if self._token is not None and sent != f"Bearer {self._token}":
                return self._token  # another thread has got it meanwhile
            if self._token is None and (sent is not None or self._exchanges):
                return None
            if self._exchanges and not self._pipeline.gives_new_ones:
                return None
            self._exchanges += 1
            found = exchange(self._base_url, self._pipeline, verify=self._verify)
            self._token = None if found is None else found.text
            return self._token

    def _is_of_broker(self, url: str | None) -> bool:
        """Return whether a request is for the broker, and not for where it has redirected to."""
        return urlsplit(url or "")[:2] == urlsplit(self._base_url)[:2]


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no credentials, not even those of ~/.netrc."""
    return request


def _json(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object of an answer, which is read up to 256 KiB; {} for anything else."""
    content = answer.raw.read(_MOST_BYTES, decode_content=True)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(found: Mapping[str, Any]) -> str:
    errors = found.get("errors")
    if isinstance(errors, dict):
        lists = [texts for texts in errors.values() if isinstance(texts, list)]
        return "; ".join(str(text) for texts in lists for text in texts)[:_LONGEST_TEXT]
    error = found.get("error")
    return error[:_LONGEST_TEXT] if isinstance(error, str) else ""


def required_pipeline(environment: Mapping[str, str]) -> Pipeline:
    """Return the pipeline. Raises UsageError outside of any."""
    found = pipeline_of(environment)
    if found is None:
        raise UsageError(
            "There is no id token to exchange. On GitHub Actions a job needs `permissions: id-token: write`. "
            f"Elsewhere put the id token into the variable {ID_TOKEN} (GitLab: id_tokens)."
        )
    return found
