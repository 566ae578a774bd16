"""What the API takes and answers about trusts and the exchange of id tokens."""

from broker.domain import limits
from broker.domain.accounts.id_token import MOST_BYTES, Check
from broker.domain.accounts.permissions import SCOPES
from broker.domain.accounts.tokens import CI_MINUTES
from broker.domain.accounts.trust import LONGEST_CLAIM, MOST_CLAIMS, MOST_REFS, TrustKind
from broker.web.description.notation import (
    BOOLEAN,
    MOMENT,
    TEXT,
    Property,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
)
from broker.web.description.requests import LINE, NAME

_KIND = one_of(*(kind.value for kind in TrustKind))
_SCOPES = many(one_of(*sorted(SCOPES)), maxItems=len(SCOPES))
_MINUTES: Schema = {"type": "integer", "minimum": 1, "maximum": CI_MINUTES}
_CLAIMS: Schema = {
    "type": "object",
    "maxProperties": MOST_CLAIMS,
    "additionalProperties": {"type": ["string", "integer", "boolean"], "maxLength": LONGEST_CLAIM},
    "description": "Exact values: for github `repository_id` and `repository_owner_id` at least, for gitlab "
    "`project_id`",
}
_ADDRESS: Schema = {**LINE, "maxLength": limits.URL}
_TRUST: dict[str, Property] = {
    "uuid": TEXT,
    "account": TEXT,
    "team?": TEXT,
    "kind": _KIND,
    "issuer": TEXT,
    "audience?": TEXT,
    "claims": {"type": "object"},
    "workflow?": TEXT,
    "refs": many(TEXT),
    "scopes": many(TEXT),
    "minutes": _MINUTES,
    "createdAt": MOMENT,
    "_links": "Links",
}
_FAILURE = an_object({"check": TEXT, "expected": TEXT, "found": TEXT})

SCHEMAS: dict[str, Schema] = {
    "NewTrust": an_object(
        {
            "account": NAME,
            "kind": _KIND,
            "issuer?": or_null(_ADDRESS),
            "audience?": or_null(_ADDRESS),
            "claims?": or_null(_CLAIMS),
            "workflow?": or_null(NAME),
            "refs?": or_null(many({**LINE, "maxLength": limits.REFERENCE}, maxItems=MOST_REFS)),
            "scopes?": or_null(_SCOPES),
            "minutes?": or_null(_MINUTES),
        }
    ),
    "Trust": an_object(_TRUST),
    "Trusts": an_object({"_embedded": an_object({"trusts": many("Trust")}), "_links": "Links"}),
    "IdToken": an_object(
        {
            "token": {**TEXT, "minLength": 1, "maxLength": MOST_BYTES, "description": "The id token, a JWT"},
            "account?": or_null(NAME),
        }
    ),
    "ExchangedToken": an_object({"token": TEXT, "expiresAt": MOMENT, "scopes": many(TEXT)}),
    "TestedTrusts": an_object(
        {
            "accepted": BOOLEAN,
            "failed": {
                "anyOf": [
                    an_object({"check": one_of(*(check.value for check in Check)), "message": TEXT}),
                    {"type": "null"},
                ],
                "description": "The first check that fails whatever the trust",
            },
            "accounts": many(TEXT),
            "_embedded": an_object(
                {"trusts": many(an_object({**_TRUST, "fits": BOOLEAN, "failures": many(_FAILURE)}))}
            ),
            "_links": "Links",
        }
    ),
}
