"""The public keys with which issuers sign id tokens: fetched when they are needed, and kept.

Each process has its own. Nothing here may run inside a transaction, as a fetch takes up to 10 seconds.
"""

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from broker.domain.accounts.id_token import Check, IdTokenError
from broker.services.accounts.issuer_documents import Fetch, IssuerError
from tally.loading import Later
from tally.values import dataclass

if TYPE_CHECKING:
    from joserfc import errors, jwk, util
else:  # for a broker that trusts an issuer
    errors, jwk, util = Later("joserfc.errors"), Later("joserfc.jwk"), Later("joserfc.util")

logger = logging.getLogger("broker")

FRESH_SECONDS: Final = 3600
"""After so long keys are fetched again when one is needed: the issuer may have withdrawn it."""
SECONDS_BETWEEN_FETCHES: Final = 60
"""At most so often, whatever key is asked for."""
LONGEST_ABSENCE: Final = 86_400
"""Keys of an issuer that gives no answer are used for so long."""
_PAUSES: Final = {1: 5, 2: 10, 3: 20, 4: 40}
"""After so many failed fetches in a row, in place of these seconds."""
_SECONDS_TO_WAIT: Final = 12
_MOST_KEYS: Final = 100
_MOST_ISSUERS: Final = 1000
_RSA_BITS: Final = range(2048, 4097)


class IssuerAwayError(Exception):
    """The keys of an issuer cannot be had at the moment; *retry_after* is in seconds.

    The *reason* is for whoever has chosen the issuer: it may name addresses of a private network.
    """

    def __init__(self, issuer: str, reason: str, retry_after: int) -> None:
        super().__init__(f"the keys of {issuer} cannot be fetched: {reason}")
        self.issuer = issuer
        self.retry_after = retry_after


@dataclass(frozen=True)
class SigningKey:
    """A public key, and the one algorithm that it is used with."""

    key_id: str
    algorithm: str
    key: "jwk.RSAKey | jwk.ECKey" = field(repr=False)


@dataclass
class _Known:
    """What is known of one issuer; times are of the timer, None before the first."""

    keys: Mapping[str, SigningKey] = field(default_factory=dict)
    fetched_at: float | None = None
    tried_at: float | None = None
    failures: int = 0
    reason: str = ""
    fetching: Lock = field(default_factory=Lock)

    def must_be_fetched(self, kid: str, now: float) -> bool:
        """Return whether to fetch, for this key, now."""
        if self.seconds_to_wait(now) > 0:
            return False
        return kid not in self.keys or self.fetched_at is None or now - self.fetched_at >= FRESH_SECONDS

    def seconds_to_wait(self, now: float) -> float:
        """Return after how long the next fetch may be."""
        if self.tried_at is None:
            return 0
        return self.tried_at + _PAUSES.get(self.failures, SECONDS_BETWEEN_FETCHES) - now


class SigningKeys:
    """The keys of all issuers that were asked for. Usable by several threads."""

    def __init__(self, fetch: Fetch, timer: Callable[[], float] = monotonic) -> None:
        self._fetch = fetch
        self._timer = timer
        self._known: dict[str, _Known] = {}
        self._lock = Lock()

    def key(self, issuer: str, kid: str) -> SigningKey:
        """Return a key of an issuer, which must be one that somebody has chosen to trust.

        Raises IdTokenError when the issuer has no such key, and IssuerAwayError when that is not known.
        """
        known = self._of(issuer)
        if known.must_be_fetched(kid, self._timer()):
            self._renew(issuer, kid, known)
        now = self._timer()
        is_too_old = known.fetched_at is None or now - known.fetched_at >= LONGEST_ABSENCE
        found = None if is_too_old else known.keys.get(kid)
        if found is not None:
            return found
        if is_too_old or known.failures:
            raise IssuerAwayError(
                issuer,
                known.reason or "it takes too long",
                max(1, math.ceil(known.seconds_to_wait(now))),
            )
        raise IdTokenError(Check.KEY_ID, f"{issuer} has no key of this id that signs with RS256 or ES256")

    def has(self, issuer: str, kid: object) -> bool:
        """Return whether a key is known, or need not be asked for, so that `key` does not wait."""
        known = self._known.get(issuer)
        return known is not None and not known.must_be_fetched(str(kid), self._timer())

    def _of(self, issuer: str) -> _Known:
        with self._lock:
            if len(self._known) > _MOST_ISSUERS:
                self._known.clear()
            return self._known.setdefault(issuer, _Known())

    def _renew(self, issuer: str, kid: str, known: _Known) -> None:
        """Fetch the keys, unless another thread does. Who has a key already does not wait for it."""
        if not known.fetching.acquire(timeout=0 if kid in known.keys else _SECONDS_TO_WAIT):
            return
        try:
            if known.must_be_fetched(kid, self._timer()):
                self._fetch_keys(issuer, known)
        finally:
            known.fetching.release()

    def _fetch_keys(self, issuer: str, known: _Known) -> None:
        try:
            address = configuration(issuer, self._fetch, "jwks_uri")["jwks_uri"]
            known.keys = usable_keys(self._fetch(address))
        except IssuerError as error:
            known.failures += 1
            known.reason = str(error)
            logger.warning("The keys of %s cannot be fetched: %s", issuer, error)
        else:
            known.fetched_at, known.failures, known.reason = self._timer(), 0, ""
        finally:
            # At the end: until then, threads that need the keys wait for them.
            known.tried_at = self._timer()


def configuration(issuer: str, fetch: Fetch, *addresses: str) -> Mapping[str, Any]:
    """Return what an issuer says of itself, with *addresses* such as "jwks_uri". Raises IssuerError."""
    found = fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise IssuerError(f"the configuration of {issuer} is that of another issuer: issuer must be the same")
    for name in addresses:
        if not isinstance(found.get(name), str):
            raise IssuerError(f"the configuration of {issuer} has no {name}")
    return found


def usable_keys(document: Mapping[str, Any]) -> Mapping[str, SigningKey]:
    """Return the keys of a JWKS that sign with RS256 or ES256, by their ids. Raises IssuerError.

    An id that two of them have says nothing, so neither is used.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise IssuerError("the document of keys has no list of keys")
    if len(listed) > _MOST_KEYS:
        raise IssuerError(f"the document has {len(listed)} keys; at most {_MOST_KEYS} are read")
    keys = [key for key in map(_usable, listed) if key is not None]
    times = Counter(key.key_id for key in keys)
    return {key.key_id: key for key in keys if times[key.key_id] == 1}


def _usable(entry: object) -> SigningKey | None:
    if not isinstance(entry, dict):
        return None
    kid = entry.get("kid")
    kind = {"RSA": "RS256", "EC": "ES256"}.get(str(entry.get("kty")))
    if not isinstance(kid, str) or not kid or kind is None:
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", kind) != kind or not _verifies(entry):
        return None
    # Of a private key that somebody has published by mistake, too, only the public half is used.
    names = ("n", "e") if kind == "RS256" else ("crv", "x", "y")
    if any(not isinstance(entry.get(name), str) for name in names):
        return None
    return _key(kid, kind, {"kty": entry["kty"]} | {name: entry[name] for name in names})


def _verifies(entry: Mapping[str, Any]) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return isinstance(operations, Iterable) and "verify" in operations


def _key(kid: str, kind: str, parameters: dict[str, Any]) -> SigningKey | None:
    try:
        if kind == "ES256":
            is_usual = parameters["crv"] == "P-256"
            return SigningKey(kid, kind, jwk.ECKey.import_key(parameters)) if is_usual else None
        # Before it is read: the library warns of short keys, and long ones take long.
        if util.base64_to_int(parameters["n"]).bit_length() not in _RSA_BITS:
            return None
        return SigningKey(kid, kind, jwk.RSAKey.import_key(parameters))
    except (errors.JoseError, ValueError, TypeError):
        return None
