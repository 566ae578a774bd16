"""The bodies that the API takes (reference §4, §6.1, §7.1).

What may be left out may also be null: that means the same.
"""

from broker.domain import limits
from broker.domain.service_contracts.policy import MODES, Evidence, OnIncompatible
from broker.web.description.notation import (
    BOOLEAN,
    OBJECT,
    TEXT,
    Property,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
)

# Not blank, and without the character that no database keeps.
FILLED: Schema = {**TEXT, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}
LINE: Schema = {
    **TEXT,
    "pattern": r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
    "maxLength": limits.LINE,
}
NAME: Schema = {**LINE, "maxLength": limits.NAME}
REFERENCE: Schema = {**LINE, "maxLength": limits.REFERENCE}
LINE_OR_BLANK: Schema = {**LINE, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_WORD: Schema = {**TEXT, "pattern": r"^[^\x00-\x20\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x20\x7f]*$"}
_URL_OR_BLANK: Schema = {**LINE_OR_BLANK, "maxLength": limits.URL}
URL: Schema = {**LINE, "maxLength": limits.URL}
_INSTANCE: Schema = {**LINE_OR_BLANK, "maxLength": limits.NAME}
_OVERRIDE: Schema = {
    **or_null(LINE),
    "description": "Why it is recorded although can-i-deploy does not say yes, where the environment "
    "requires that",
}
_WEB_PAGE: Schema = {**URL, "format": "uri"}

_DETAILS: Schema = {**OBJECT, "description": f"At most {limits.DETAILS} bytes as JSON"}
_BOUNDED = f"at most {limits.VALUES} values"
_DOCUMENT: Schema = {"description": f"Any JSON, {_BOUNDED}"}

_PACTICIPANT = {
    "displayName?": or_null(LINE),
    "repositoryUrl?": or_null(_URL_OR_BLANK),
    "repositoryName?": or_null(LINE_OR_BLANK),
    "repositoryNamespace?": or_null(LINE_OR_BLANK),
    "mainBranch?": or_null({**_WORD, "maxLength": limits.REFERENCE}),
}

_CONTENT: Schema = {
    "type": ["object", "string"],
    "description": "An OpenAPI 2.0 to 3.1, AsyncAPI 3, JSON Schema or service-contract/1 document with at "
    f"most {limits.OPERATIONS} operations; as a text, the Base64 of one in JSON or YAML",
}
_SELF_VERIFICATION: Schema = or_null(
    an_object(
        {
            "success": BOOLEAN,
            "content?": {
                **or_null(TEXT),
                "contentEncoding": "base64",
                "description": f"What the tests printed; {limits.RESULT_TEXT} bytes of it are kept",
            },
            "contentType?": or_null(LINE),
            "format?": or_null(LINE),
            "verifier?": or_null(LINE),
            "verifierVersion?": or_null(LINE),
        }
    )
)
_OF_DOCUMENT: dict[str, Property] = {
    "specification?": {**or_null(LINE), "description": "Checked against what the content is"},
    "contentType?": {**or_null(LINE), "description": "That of JSON or YAML"},
    "selfVerificationResults?": _SELF_VERIFICATION,
}
_RULES: dict[str, Property] = {"mode?": or_null(one_of(*MODES)), "lenient?": or_null(BOOLEAN)}
_ENCODED: Schema = {**_CONTENT, "description": f"The Base64 of JSON or YAML. {_CONTENT['description']}"}
_OF_PROVIDER_VERSION: dict[str, Property] = {
    "pacticipantVersionNumber": REFERENCE,
    "branch?": or_null(REFERENCE),
    "tags?": or_null(many(REFERENCE, maxItems=limits.TAGS)),
    "buildUrl?": or_null(_URL_OR_BLANK),
}

SCHEMAS: dict[str, Schema] = {
    "NewPacticipant": an_object({"name": NAME, **_PACTICIPANT}),
    "PacticipantDescription": an_object({"name?": or_null(NAME), **_PACTICIPANT}),
    "VersionDescription": an_object(
        {
            "buildUrl?": or_null(_URL_OR_BLANK),
            "tags?": or_null(many(an_object({"name": REFERENCE}), maxItems=limits.TAGS)),
        }
    ),
    "EnvironmentDescription": an_object(
        {
            "name": {**_WORD, "maxLength": limits.NAME},
            "displayName?": or_null(LINE),
            "production": BOOLEAN,
            "contacts?": or_null(
                many(an_object({"name": NAME, "details?": or_null(_DETAILS)}), maxItems=limits.CONTACTS)
            ),
            "protected?": {
                **or_null(BOOLEAN),
                "description": "Whether only the deployers may record deployments; at first, as production",
            },
            "deployers?": {
                **or_null(many(NAME, maxItems=limits.DEPLOYERS)),
                "description": "Names of the teams that may, if it is protected",
            },
            "requiresCanIDeploy?": {
                **or_null(BOOLEAN),
                "description": "Whether only what can-i-deploy says yes to is recorded",
            },
        }
    ),
    "Deployment": an_object(
        {
            "applicationInstance?": or_null(_INSTANCE),
            "target?": {**or_null(_INSTANCE), "description": "Old name of applicationInstance"},
            "override?": _OVERRIDE,
        }
    ),
    "ReleaseRecord": an_object({"override?": _OVERRIDE}),
    "Undeployment": an_object({"currentlyDeployed?": or_null(BOOLEAN)}),
    "EndOfSupport": an_object({"currentlySupported?": or_null(BOOLEAN)}),
    "NewContracts": an_object(
        {
            "pacticipantName": NAME,
            "pacticipantVersionNumber": REFERENCE,
            "branch?": or_null(REFERENCE),
            "tags?": or_null(many(REFERENCE, maxItems=limits.TAGS)),
            "buildUrl?": or_null(_URL_OR_BLANK),
            "contracts": many(
                an_object(
                    {
                        "consumerName": {**NAME, "description": "Equal to pacticipantName"},
                        "providerName": NAME,
                        "specification": one_of("pact"),
                        "contentType": one_of("application/json"),
                        "content": {
                            **TEXT,
                            "contentEncoding": "base64",
                            "description": f"The pact, {_BOUNDED}, and at most {limits.INTERACTIONS} "
                            "interactions or messages",
                        },
                        "onConflict?": or_null(one_of("overwrite", "merge")),
                    }
                ),
                maxItems=limits.CONTRACTS,
            ),
        }
    ),
    "NewPact": {
        "type": ["object", "array"],
        "description": "A pact; the names in it, if it has any, are those of the path. It has at most "
        f"{limits.INTERACTIONS} interactions or messages",
    },
    "PactsQuery": an_object(
        {
            "providerVersionBranch?": or_null({**TEXT, "maxLength": limits.REFERENCE}),
            "providerVersionTags?": or_null(many(REFERENCE, maxItems=limits.TAGS)),
            "includePendingStatus?": or_null(BOOLEAN),
            "includeWipPactsSince?": {
                **or_null({**TEXT, "maxLength": limits.LINE}),
                "description": "A date, or a moment: 2026-01-31, 2026-01-31T10:00:00Z",
            },
            "consumerVersionSelectors?": or_null(many("ConsumerVersionSelector", maxItems=limits.SELECTORS)),
        }
    ),
    "ConsumerVersionSelector": an_object(
        {
            "consumer?": or_null(NAME),
            "mainBranch?": or_null(BOOLEAN),
            "branch?": {"anyOf": [or_null(REFERENCE), {"const": True}]},
            "matchingBranch?": or_null(BOOLEAN),
            "fallbackBranch?": or_null(REFERENCE),
            "tag?": or_null(REFERENCE),
            "fallbackTag?": or_null(REFERENCE),
            "latest?": or_null(BOOLEAN),
            "deployed?": or_null(BOOLEAN),
            "released?": or_null(BOOLEAN),
            "deployedOrReleased?": or_null(BOOLEAN),
            "environment?": or_null(NAME),
        },
        description="Not every combination makes sense; one that does not is refused with the reason.",
    ),
    "NewVerificationResult": an_object(
        {
            "success": BOOLEAN,
            "providerApplicationVersion": REFERENCE,
            "buildUrl?": or_null(_WEB_PAGE),
            "testResults?": _DOCUMENT,
            "verifiedBy?": _DOCUMENT,
            "shard?": {
                **or_null(
                    an_object(
                        {
                            "run": NAME,
                            "index": {"type": "integer", "minimum": 1, "maximum": limits.WHOLE_NUMBER},
                            "count": {"type": "integer", "minimum": 1, "maximum": limits.WHOLE_NUMBER},
                        }
                    )
                ),
                "description": "Which part this is of a verification that was divided",
            },
        }
    ),
    "NewServiceContractResult": an_object(
        {
            "success": BOOLEAN,
            "providerApplicationVersion": REFERENCE,
            "buildUrl?": or_null(_WEB_PAGE),
            "testResults?": _DOCUMENT,
            "verifiedBy?": _DOCUMENT,
        }
    ),
    "NewServiceContract": {
        "description": "One document, or several under `documents`",
        **an_object(
            {
                "pacticipantName": NAME,
                "pacticipantVersionNumber": REFERENCE,
                "branch?": or_null(REFERENCE),
                "tags?": or_null(many(REFERENCE, maxItems=limits.TAGS)),
                "buildUrl?": or_null(URL),
                "document?": {**or_null(NAME), "description": "The name of the only document"},
                **_OF_DOCUMENT,
                "documents?": or_null(
                    many(
                        an_object({"name?": or_null(NAME), "content": _CONTENT, **_OF_DOCUMENT}),
                        minItems=1,
                        maxItems=limits.DOCUMENTS,
                    )
                ),
                "content?": {**_CONTENT, "type": ["object", "string", "null"]},
            }
        ),
    },
    "NewProviderContract": an_object(
        {**_OF_PROVIDER_VERSION, "contract": an_object({"content": _ENCODED, **_OF_DOCUMENT})}
    ),
    "NewProviderContracts": an_object(
        {
            **_OF_PROVIDER_VERSION,
            "contracts": many(
                an_object({"name?": or_null(NAME), "content": _ENCODED, **_OF_DOCUMENT}),
                minItems=1,
                maxItems=limits.DOCUMENTS,
            ),
        }
    ),
    "ProviderContractOfVersion": an_object(
        {
            "content": _ENCODED,
            "contentType?": _OF_DOCUMENT["contentType?"],
            "contractType?": _OF_DOCUMENT["specification?"],
            "verificationResults?": _SELF_VERIFICATION,
        }
    ),
    "NewScenarioResult": an_object(
        {
            "title": LINE,
            "success": BOOLEAN,
            "durationMs": {"type": "integer", "minimum": 0, "maximum": limits.WHOLE_NUMBER},
            "buildUrl?": or_null(_URL_OR_BLANK),
            "participants": many(
                an_object({"pacticipantName": NAME, "pacticipantVersionNumber": REFERENCE}),
                minItems=1,
                maxItems=limits.PARTICIPANTS,
                uniqueItems=True,
            ),
            "testResults?": _DOCUMENT,
        }
    ),
    "NewServiceContractPolicy": an_object(
        {
            **_RULES,
            "incompatible?": or_null(one_of(*(word.value for word in OnIncompatible))),
            "evidence?": or_null(one_of(*(word.value for word in Evidence))),
            "guaranteed?": or_null(BOOLEAN),
            "documents?": or_null(
                many(an_object({"name": NAME, **_RULES}), maxItems=limits.DOCUMENTS, uniqueItems=True)
            ),
        }
    ),
    "Ignored": {"description": "The body does not matter"},
}
