"""Identity providers for people: OpenID and GitHub, real HTTP servers that can be told to misbehave.

A browser is played by `log_in_there`: it goes where the broker sends it, and returns where it is sent
back to.
"""

import hashlib
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from support.issuers import rsa_key, signed
from support.receivers import Receiver, answer, receiving

CLIENT, SECRET = "tally", "the secret: of/tally"


@dataclass
class FakeProvider:
    """An OpenID provider. *person* has the claims of whoever logs in, *change* alters its id tokens.

    *answers* replaces what is answered at a path: (status, JSON).
    """

    receiver: Receiver
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "1", "preferred_username": "anna"})
    user_info: dict[str, Any] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    key: Any = None
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    says_issuer: bool = True
    is_away: bool = False

    @property
    def url(self) -> str:
        return self.receiver.url

    def log_in_there(self, address: str) -> str:
        """Return where the provider sends the browser back to, after it has logged in."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        sent = {"code": code, "state": asked["state"]} | ({"iss": self.url} if self.says_issuer else {})
        return f"{asked['redirect_uri']}?{urlencode(sent)}"

    def token(self, asked: dict[str, str], **changes: Any) -> str:
        """Return the id token of a log-in."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        return signed(self.change({**claims, **self.person, **changes}), key=self.key or rsa_key("first"))

    def behave(self, handler: Any) -> None:
        """Answer a request of the broker."""
        request = self.receiver.received[-1]
        path = urlsplit(handler.path).path
        if self.is_away:
            answer(handler, 503)
        elif path in self.answers:
            _send(handler, *self.answers[path])
        elif path == "/.well-known/openid-configuration":
            _send(handler, 200, self.configuration)
        elif path == "/keys":
            _send(handler, 200, {"keys": [rsa_key("first").as_dict(private=False, use="sig")]})
        elif path == "/token":
            _send(handler, *self._exchange(request))
        elif path == "/userinfo":
            _send(handler, 200, {"sub": self.person["sub"], **self.user_info})
        else:
            answer(handler, 404)

    def _exchange(self, request: Any) -> tuple[int, Any]:
        """Exchange a code once, for the client that has the secret and the verifier."""
        fields = dict(parse_qsl(request.body.decode()))
        if _client(request, fields) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(fields.get("code", ""), None)
        if asked is None or challenge_of(fields["code_verifier"]) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        assert fields["redirect_uri"] == asked["redirect_uri"]
        token = self.token(asked)
        return 200, {"id_token": token, "access_token": "an-access-token", "token_type": "Bearer"}


def _client(request: Any, fields: dict[str, str]) -> tuple[str, str]:
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        name, _, secret = b64decode(encoded).decode().partition(":")
        return unquote(name), unquote(secret)
    return fields.get("client_id", ""), fields.get("client_secret", "")


@dataclass
class FakeGithub:
    """GitHub as an Enterprise Server is: its API is below /api/v3. *answers* replaces what is at a path."""

    receiver: Receiver
    user: dict[str, Any] = field(default_factory=lambda: {"id": 7, "login": "anna", "name": "Anna"})
    organizations: list[str] = field(default_factory=list)
    teams: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.receiver.url

    def log_in_there(self, address: str) -> str:
        """Return where GitHub sends the browser back to."""
        parts = urlsplit(address)
        assert parts.path == "/login/oauth/authorize"
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        code = secrets.token_hex(10)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def behave(self, handler: Any) -> None:
        """Answer a request of the broker."""
        request, parts = self.receiver.received[-1], urlsplit(handler.path)
        if parts.path in self.answers:
            _send(handler, *self.answers[parts.path])
        elif parts.path == "/login/oauth/access_token":
            _send(handler, 200, self._exchange(dict(parse_qsl(request.body.decode()))))
        elif request.headers.get("authorization") != "Bearer gho_x":
            _send(handler, 401, {"message": "Bad credentials"})
        else:
            query = parse_qs(parts.query)
            first = (int(query.get("page", ["1"])[0]) - 1) * 100
            found = {
                "/api/v3/user": self.user,
                "/api/v3/user/orgs": [{"login": name} for name in self.organizations][first:][:100],
                "/api/v3/user/teams": [
                    {"slug": slug, "organization": {"login": name}} for name, slug in self.teams
                ][first:][:100],
            }
            _send(handler, 200, found[parts.path])

    def _exchange(self, fields: dict[str, str]) -> dict[str, str]:
        asked = self.codes.pop(fields["code"], None)
        if (fields["client_id"], fields["client_secret"]) != (CLIENT, SECRET):
            return {"error": "incorrect_client_credentials"}
        if asked is None or challenge_of(fields["code_verifier"]) != asked["code_challenge"]:
            return {"error": "bad_verification_code"}
        return {"access_token": "gho_x", "token_type": "bearer", "scope": "read:org,read:user"}


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _send(handler: Any, status: int, document: Any) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer(handler, status, body, Content_Type="application/json")


@contextmanager
def providing() -> Iterator[FakeProvider]:
    """Yield an OpenID provider."""
    with receiving() as receiver:
        provider = FakeProvider(receiver)
        provider.configuration = {
            "issuer": receiver.url,
            "authorization_endpoint": f"{receiver.url}/authorize",
            "token_endpoint": f"{receiver.url}/token",
            "userinfo_endpoint": f"{receiver.url}/userinfo",
            "jwks_uri": f"{receiver.url}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        receiver.behaviour = provider.behave
        yield provider


@contextmanager
def github() -> Iterator[FakeGithub]:
    """Yield a GitHub."""
    with receiving() as receiver:
        provider = FakeGithub(receiver)
        receiver.behaviour = provider.behave
        yield provider
