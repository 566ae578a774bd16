"""Id tokens in bodies of requests, and the keys that verify them."""

from broker.domain import limits
from broker.domain.accounts.id_token import MOST_BYTES, UnverifiedToken
from broker.domain.errors import ValidationError
from broker.services.accounts.signing_keys import SigningKeys
from broker.web import parsing
from broker.web.context import begin_to_send, signing_keys
from broker.web.parsing import Fields

MOST_BODY_BYTES = 8 * MOST_BYTES
"""Of a request with an id token: the broker reads it for anybody. In JSON a character may take six bytes."""


def token_in_body() -> tuple[str, str | None]:
    """Return the texts that the JSON body has as `token` and as `account`, if it names one.

    Raises ValidationError, MalformedBodyError.
    """
    fields = Fields(parsing.json_object())
    fields.only(("token", "account"))
    found = fields.anything("token")
    account = fields.text("account", limit=limits.NAME)
    fields.done()
    if not isinstance(found, str) or not found:
        raise ValidationError({"token": ["must be a string, the id token"]})
    return found, account


def keys_for(token: UnverifiedToken | None) -> SigningKeys:
    """Return the keys of issuers, on a thread that may wait for the issuer of this token where it must."""
    keys = signing_keys()
    if token is not None and not keys.has(token.issuer, token.header.get("kid")):
        begin_to_send()
    return keys
