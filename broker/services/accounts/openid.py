"""Log-in by OpenID Connect: the code flow with PKCE, state, nonce and RFC 9207's iss."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

from broker.domain.accounts.id_token import IdTokenError, read_id_token
from broker.services.accounts.id_tokens import verified_claims
from broker.services.accounts.issuer_documents import IssuerError, fetch_document, unacceptable_address
from broker.services.accounts.log_in import LONGEST_TEXT, LogInRefusedError, ProvidedPerson
from broker.services.accounts.log_in_flow import Flow
from broker.services.accounts.provider_requests import ProviderRequests
from broker.services.accounts.signing_keys import IssuerAwayError, SigningKeys, configuration

LONGEST_LIFE = timedelta(days=1)
"""Of an id token."""
FRESH_SECONDS = 3600
MOST_GROUPS = 2000


class OpenIdProvider:
    """One provider; its configuration is kept for an hour. Usable by several threads."""

    def __init__(self, requests: ProviderRequests, timer: Callable[[], float] = monotonic) -> None:
        self._requests = requests
        self._provider = requests.provider
        self._timer = timer
        self._keys = SigningKeys(self._fetch, timer)
        self._found: Mapping[str, Any] | None = None
        self._found_at = 0.0
        self._lock = Lock()

    def address(self, flow: Flow, redirect_uri: str) -> str:
        """Return where the browser goes to log in. Raises ProviderError."""
        endpoint = self._endpoint("authorization_endpoint")
        parameters = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._provider.scopes,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"

    def check_answer(self, answer: Mapping[str, str]) -> None:
        """Raise LogInRefusedError for an answer of another provider, as far as it says so (RFC 9207)."""
        said = answer.get("iss")
        must_say = self._configuration().get("authorization_response_iss_parameter_supported") is True
        if said != self._provider.issuer and (said is not None or must_say):
            raise LogInRefusedError("Log in again: the answer came from another provider.")

    def person(self, code: str, flow: Flow, redirect_uri: str, now: datetime) -> ProvidedPerson:
        """Return whom a code stands for. Raises LogInRefusedError and ProviderError."""
        tokens = self._tokens(code, flow, redirect_uri)
        claims = self._claims(tokens, flow, now)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_TEXT or not subject.isprintable():
            raise self._requests.refused("the id token has no subject (sub) that can be stored")
        groups = find_claim(claims, self._provider.groups_claim)
        if groups is None:
            claims = {**self._user_info(tokens, subject), **claims}
            groups = find_claim(claims, self._provider.groups_claim)
        email = line(claims.get("email")) or None
        return ProvidedPerson(subject, _names(claims), line(claims.get("name")), email, texts(groups))

    def _tokens(self, code: str, flow: Flow, redirect_uri: str) -> Mapping[str, Any]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
        }
        more_fields, headers = self._credentials()
        answer = self._requests.post(self._endpoint("token_endpoint"), {**fields, **more_fields}, headers)
        if answer.error == "invalid_grant":
            raise LogInRefusedError("Log in again: the code of this log-in was used before, or is too old.")
        if answer.status != 200 or not isinstance(answer.document, dict):  # noqa: PLR2004 - OK
            raise self._requests.unusable(f"the token endpoint answered {answer.status} {answer.error}")
        return answer.document

    def _credentials(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the fields and headers by which the broker shows who it is."""
        client, secret = self._provider.client_id, self._provider.client_secret
        ways = self._configuration().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not secret:
            return {"client_id": client}, {}
        if isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways:
            return {"client_id": client, "client_secret": secret}, {}
        pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
        return {}, {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def _claims(self, tokens: Mapping[str, Any], flow: Flow, now: datetime) -> Mapping[str, Any]:
        text = tokens.get("id_token")
        if not isinstance(text, str):
            raise self._requests.unusable("the token endpoint answered no id token")
        try:
            token = read_id_token(text)
            if token.issuer != self._provider.issuer:
                raise self._requests.refused("the id token is of another issuer")
            claims = verified_claims(token, self._keys, now, LONGEST_LIFE)
        except IdTokenError as error:
            raise self._requests.refused(f"the id token is not accepted: {error}") from error
        except IssuerAwayError as error:
            raise self._requests.unusable(str(error)) from error
        self._check_audience(claims)
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), flow.nonce.encode()):
            raise self._requests.refused("the id token is of another log-in (nonce)")
        return claims

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        client, audience = self._provider.client_id, claims.get("aud")
        several = audience if isinstance(audience, list) else [audience]
        party = claims.get("azp", client if len(several) == 1 else None)
        if client not in several or party != client:
            raise self._requests.refused("the id token is for another client (aud, azp)")

    def _user_info(self, tokens: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        """Return what the provider says besides; nothing where it has no such address."""
        access_token = tokens.get("access_token")
        if "userinfo_endpoint" not in self._configuration() or not isinstance(access_token, str):
            return {}
        if not (access_token.isascii() and access_token.isprintable()):
            raise self._requests.unusable("the access token has characters that no header can have")
        answer = self._requests.get(self._endpoint("userinfo_endpoint"), access_token)
        if not isinstance(answer.document, dict) or "sub" not in answer.document:
            raise self._requests.unusable(
                f"the userinfo endpoint answered {answer.status}, and nothing about whoever logs in (sub)"
            )
        if answer.document["sub"] != subject:
            raise self._requests.refused("the userinfo endpoint answered about somebody else (sub)")
        return answer.document

    def _endpoint(self, name: str) -> str:
        found = self._configuration().get(name)
        if not isinstance(found, str) or unacceptable_address(found.partition("?")[0]) or "#" in found:
            raise self._requests.unusable(f"its configuration has no usable {name}")
        return found

    def _configuration(self) -> Mapping[str, Any]:
        with self._lock:
            if self._found is not None and self._timer() - self._found_at < FRESH_SECONDS:
                return self._found
        try:
            found = configuration(self._provider.issuer, self._fetch, "jwks_uri")
        except IssuerError as error:
            if self._found is not None:
                return self._found
            raise self._requests.unusable(str(error)) from error
        with self._lock:
            self._found, self._found_at = found, self._timer()
        return found

    def _fetch(self, url: str) -> Mapping[str, Any]:
        return fetch_document(url, self._requests.rules_for(url))


def find_claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim by its name, or by a path with full stops into objects; None for none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def texts(value: Any) -> frozenset[str]:
    """Return the groups in a claim: a list of texts, or one text."""
    listed = value if isinstance(value, list) else [value]
    return frozenset(
        text
        for text in listed[:MOST_GROUPS]
        if isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT and text.isprintable()
    )


def line(value: Any) -> str:
    """Return a text to show, on one line; "" for what is no text."""
    text = value if isinstance(value, str) else ""
    return "".join(character for character in text if character.isprintable())[:LONGEST_TEXT].strip()


def _names(claims: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = (line(claims.get(name)) for name in ("preferred_username", "nickname"))
    return (*filter(None, wanted), line(claims.get("email")).partition("@")[0], line(claims.get("name")))
