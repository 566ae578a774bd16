"""What the API takes and answers about accounts, teams and tokens."""

from broker.domain.accounts.account import LONGEST_EMAIL, LONGEST_PASSWORD, MOST_LIMITS, MOST_ROLES
from broker.domain.accounts.account_names import LONGEST
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import SCOPES, Role
from broker.domain.accounts.tokens import LONGEST_DAYS, SHORTEST_DAYS, TokenKind
from broker.web.description.fragments import STAMPS, collection
from broker.web.description.notation import (
    BOOLEAN,
    MOMENT,
    TEXT,
    WHOLE,
    Property,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
)
from broker.web.description.requests import LINE, LINE_OR_BLANK, NAME

_ROLE = one_of(*(role.value for role in Role))
_SCOPE = one_of(*sorted(scope.value for scope in SCOPES))
_ACCOUNT_NAME: Schema = {**LINE, "maxLength": LONGEST}
_DAY: Schema = {**TEXT, "format": "date"}
_EMAIL: Schema = {**TEXT, "pattern": r"^([^@\s\x00]+@[^@\s\x00]+)?$", "maxLength": LONGEST_EMAIL}
_PASSWORD: Schema = {**LINE, "maxLength": LONGEST_PASSWORD}
_WANTED_ROLE = an_object({"role": _ROLE, "team?": or_null(_ACCOUNT_NAME)}, additionalProperties=False)
_ROLE_OF_ACCOUNT = an_object({"role": _ROLE, "team?": TEXT, "fromGroup?": TEXT})
_TOKEN: dict[str, Property] = {
    "uuid": TEXT,
    "account": TEXT,
    "kind": one_of(*(kind.value for kind in TokenKind)),
    "name": TEXT,
    "prefix": {**TEXT, "description": "How the token begins"},
    "scopes?": many(_SCOPE),
    "pacticipants?": many(TEXT),
    "environments?": many(TEXT),
    "origin?": TEXT,
    "createdAt": MOMENT,
    "expiresAt": MOMENT,
    "lastUsedOn?": _DAY,
    "revokedAt?": MOMENT,
    "_links": "Links",
}


def _closed(properties: dict[str, Property]) -> Schema:
    """Return the schema of a body that has no other fields."""
    return an_object(properties, additionalProperties=False)


SCHEMAS: dict[str, Schema] = {
    "Me": an_object(
        {
            "name": TEXT,
            "kind": one_of(*(kind.value for kind in ActorKind)),
            "uuid?": TEXT,
            "displayName": TEXT,
            "via?": {**TEXT, "description": "How the token begins, or by what else the request is known"},
            "team?": TEXT,
            "teams": many(an_object({"name": TEXT, "roles": many(_ROLE)})),
            "roles": many(_ROLE),
            "scopes?": many(TEXT),
            "pacticipants?": many(TEXT),
            "environments?": many(TEXT),
            "may": {
                "type": "object",
                "description": "For each permission: all, or the teams for which it holds",
                "additionalProperties": {"anyOf": [one_of("all"), many(TEXT)]},
            },
            "_links": "Links",
        }
    ),
    "Account": an_object(
        {
            "uuid": TEXT,
            "name": TEXT,
            "kind": one_of(ActorKind.PERSON.value, ActorKind.SERVICE.value),
            "displayName": TEXT,
            "email?": TEXT,
            "team?": TEXT,
            "disabled": BOOLEAN,
            "lastSeenOn?": _DAY,
            "roles": many(_ROLE_OF_ACCOUNT),
            **STAMPS,
            "_links": "Links",
        }
    ),
    "Accounts": collection("accounts", "Account"),
    "NewAccount": _closed(
        {
            "name": _ACCOUNT_NAME,
            "displayName?": or_null(LINE),
            "email?": or_null(_EMAIL),
            "password?": or_null(_PASSWORD),
            "roles?": or_null(many(_WANTED_ROLE, maxItems=MOST_ROLES)),
        }
    ),
    "AccountChange": _closed(
        {
            "displayName?": or_null(LINE),
            "email?": or_null(_EMAIL),
            "disabled?": or_null(BOOLEAN),
            "password?": or_null(_PASSWORD),
        }
    ),
    "AccountRoles": _closed({"roles": many(_WANTED_ROLE, maxItems=MOST_ROLES)}),
    "LogInLink": an_object({"link": TEXT, "code": TEXT, "expiresAt": MOMENT, "_links": "Links"}),
    "NewServiceAccount": _closed(
        {
            "name": _ACCOUNT_NAME,
            "displayName?": or_null(LINE),
            "roles?": or_null(many(_ROLE, maxItems=len(Role))),
        }
    ),
    "Team": an_object(
        {
            "uuid": TEXT,
            "name": TEXT,
            "description?": TEXT,
            **STAMPS,
            "_embedded": an_object(
                {
                    "members": many(
                        an_object(
                            {
                                "name": TEXT,
                                "displayName": TEXT,
                                "disabled": BOOLEAN,
                                "roles": many(_ROLE),
                                "_links": "Links",
                            }
                        )
                    ),
                    "pacticipants": many("Named"),
                    "serviceAccounts": many(
                        an_object(
                            {
                                "name": TEXT,
                                "displayName": TEXT,
                                "disabled": BOOLEAN,
                                "roles": many(_ROLE_OF_ACCOUNT),
                                "_links": "Links",
                            }
                        )
                    ),
                }
            ),
            "_links": "Links",
        }
    ),
    "Teams": collection(
        "teams",
        an_object(
            {
                "uuid": TEXT,
                "name": TEXT,
                "description?": TEXT,
                "members": WHOLE,
                "pacticipants": WHOLE,
                **STAMPS,
                "_links": "Links",
            }
        ),
    ),
    "NewTeam": _closed({"name": _ACCOUNT_NAME, "description?": or_null(LINE_OR_BLANK)}),
    "TeamChange": _closed({"name?": or_null(_ACCOUNT_NAME), "description?": or_null(LINE_OR_BLANK)}),
    "TeamRoles": _closed({"roles": many(_ROLE, minItems=1, maxItems=len(Role))}),
    "Token": an_object(_TOKEN),
    "Tokens": collection("tokens", "Token"),
    "NewToken": an_object({"token": {**TEXT, "description": "Shown this once"}, **_TOKEN}),
    "TokenWish": _closed(
        {
            "name": NAME,
            "expiresInDays?": or_null({"type": "integer", "minimum": SHORTEST_DAYS, "maximum": LONGEST_DAYS}),
            "scopes?": or_null(many(_SCOPE, maxItems=len(SCOPES))),
            "pacticipants?": or_null(many(NAME, minItems=1, maxItems=MOST_LIMITS)),
            "environments?": or_null(many(NAME, minItems=1, maxItems=MOST_LIMITS)),
        }
    ),
}
