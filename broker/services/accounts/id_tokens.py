"""Verify id tokens of other issuers: of pipelines, and of people at an identity provider.

Nothing here may run inside a transaction: see `signing_keys`. The caller checks first that the issuer is one
to trust (`UnverifiedToken.issuer`), so that nobody makes the broker ask others for keys, and afterwards what
it needs of the claims: `check_audience`, `single_use_id`, the nonce of a log-in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from broker.domain.accounts.id_token import (
    LONGEST_LIFE,
    MOST_BYTES,
    Check,
    IdTokenError,
    UnverifiedToken,
    check_times,
    key_id,
)
from broker.services.accounts.signing_keys import SigningKey, SigningKeys
from tally.loading import Later

if TYPE_CHECKING:
    from joserfc import errors, jws
else:  # for a broker that trusts an issuer
    errors, jws = Later("joserfc.errors"), Later("joserfc.jws")


@cache
def _registry(algorithm: str) -> "jws.JWSRegistry":
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = MOST_BYTES  # as `read_id_token` allows
    return registry


def verified_claims(
    token: UnverifiedToken, keys: SigningKeys, now: datetime, longest: timedelta | None = LONGEST_LIFE
) -> Mapping[str, Any]:
    """Return the claims of a token that its issuer has signed and that is valid now.

    *longest* is how long it may live in all. Raises IdTokenError and IssuerAwayError.
    """
    key = keys.key(token.issuer, key_id(token))
    check_signature(token, key)
    check_times(token.claims, now, longest)
    return token.claims


def check_signature(token: UnverifiedToken, key: SigningKey) -> None:
    """Raise IdTokenError unless the token is signed by this key, with the algorithm that the key is for."""
    if token.header.get("alg") != key.algorithm:
        raise IdTokenError(Check.ALGORITHM, f"must be {key.algorithm}, as the key {key.key_id} says")
    try:
        jws.deserialize_compact(token.text, key.key, registry=_registry(key.algorithm))
    except (errors.JoseError, ValueError) as error:
        raise IdTokenError(Check.SIGNATURE, "the issuer has not signed this token") from error
