"""An issuer of id tokens: a real HTTP server with its configuration and its keys, and real signatures.

Keys are made once for all tests, as those of RSA take a while.
"""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from support.receivers import Receiver, answer, receiving

AUDIENCE = "https://tally.example.org"


@cache
def rsa_key(name: str) -> RSAKey:
    """Return the key of a name, always the same."""
    return RSAKey.generate_key(2048, {"kid": name})


@cache
def ec_key(name: str, curve: str = "P-256") -> ECKey:
    """Return the key of a name, always the same."""
    return ECKey.generate_key(curve, {"kid": name})


@dataclass
class Issuer:
    """An issuer; what it answers may be changed while it runs."""

    receiver: Receiver
    keys: list[dict[str, Any]] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    is_away: bool = False

    @property
    def url(self) -> str:
        return self.receiver.url

    @property
    def fetches(self) -> int:
        """How often its keys were fetched."""
        return sum(request.path == "/keys" for request in self.receiver.received)

    def token(self, *, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a valid id token with these claims; None leaves one out."""
        now = int(time.time())
        standard = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "repo:octo/shop:ref:refs/heads/main",
            "iat": now,
            "nbf": now - 5,
            "exp": now + 300,
            "jti": str(uuid4()),
        }
        return signed({**standard, **claims}, key=key or rsa_key("first"), header=header)


def signed(claims: Any, *, key: Any, header: dict[str, Any] | None = None) -> str:
    """Return a JWT; claims that are None are left out, and claims that are a text are taken as they are."""
    kind = "RS256" if isinstance(key, RSAKey) else "ES256"
    full = {"alg": kind, "typ": "JWT", "kid": key.kid} | (header or {})
    full = {name: value for name, value in full.items() if value is not None}
    if not isinstance(claims, str):
        claims = json.dumps({name: value for name, value in claims.items() if value is not None})
    return signed_parts(encoded(json.dumps(full)), encoded(claims), key, full.get("alg", kind))


def signed_parts(header: str, claims: str, key: Any, algorithm: str = "RS256") -> str:
    """Return a JWT of parts that may be anything, with a signature that is right."""
    model = jws.JWSRegistry.algorithms[algorithm]
    signature = model.sign(f"{header}.{claims}".encode(), key)
    return f"{header}.{claims}.{encoded(signature)}"


def encoded(part: str | bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(part.encode() if isinstance(part, str) else part).rstrip(b"=").decode()


@contextmanager
def issuing(*keys: Any) -> Iterator[Issuer]:
    """Yield an issuer with these keys, or one of RSA that is called "first"."""
    with receiving() as receiver:
        listed = [key.as_dict(private=False, use="sig") for key in keys or (rsa_key("first"),)]
        issuer = Issuer(receiver, listed)
        issuer.configuration = {"issuer": receiver.url, "jwks_uri": f"{receiver.url}/keys"}

        def behave(handler: Any) -> None:
            documents = {
                "/.well-known/openid-configuration": issuer.configuration,
                "/keys": {"keys": issuer.keys},
            }
            found = documents.get(handler.path)
            if issuer.is_away or found is None:
                answer(handler, 503 if issuer.is_away else 404)
            else:
                answer(handler, 200, json.dumps(found).encode(), Content_Type="application/json")

        receiver.behaviour = behave
        yield issuer
