"""The bodies that the API takes (reference §4, §6.1, §7.1).

What may be left out may also be null: that means the same.
"""

from broker.web.description.notation import (
    ANYTHING,
    BOOLEAN,
    OBJECT,
    TEXT,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
)

# Not blank, and without the character that no database keeps.
FILLED: Schema = {**TEXT, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}
LINE: Schema = {**TEXT, "pattern": r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"}
_WORD: Schema = {**TEXT, "pattern": r"^[^\x00-\x20\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x20\x7f]*$"}
LINE_OR_BLANK: Schema = {**TEXT, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_URL: Schema = {**LINE, "format": "uri"}

_PACTICIPANT = {
    "displayName?": or_null(LINE),
    "repositoryUrl?": or_null(LINE_OR_BLANK),
    "repositoryName?": or_null(LINE_OR_BLANK),
    "repositoryNamespace?": or_null(LINE_OR_BLANK),
    "mainBranch?": or_null(_WORD),
}

SCHEMAS: dict[str, Schema] = {
    "NewPacticipant": an_object({"name": LINE, **_PACTICIPANT}),
    "PacticipantDescription": an_object({"name?": or_null(LINE), **_PACTICIPANT}),
    "VersionDescription": an_object(
        {
            "buildUrl?": or_null(LINE_OR_BLANK),
            "tags?": or_null(many(an_object({"name": LINE}))),
        }
    ),
    "EnvironmentDescription": an_object(
        {
            "name": _WORD,
            "displayName?": or_null(LINE),
            "production": BOOLEAN,
            "contacts?": or_null(many(an_object({"name": LINE, "details?": or_null(OBJECT)}))),
        }
    ),
    "Deployment": an_object(
        {
            "applicationInstance?": or_null(LINE_OR_BLANK),
            "target?": {**or_null(LINE_OR_BLANK), "description": "Old name of applicationInstance"},
        }
    ),
    "Undeployment": an_object({"currentlyDeployed?": or_null(BOOLEAN)}),
    "EndOfSupport": an_object({"currentlySupported?": or_null(BOOLEAN)}),
    "NewContracts": an_object(
        {
            "pacticipantName": LINE,
            "pacticipantVersionNumber": LINE,
            "branch?": or_null(LINE),
            "tags?": or_null(many(FILLED)),
            "buildUrl?": or_null(LINE_OR_BLANK),
            "contracts": many(
                an_object(
                    {
                        "consumerName": {**LINE, "description": "Equal to pacticipantName"},
                        "providerName": LINE,
                        "specification": one_of("pact"),
                        "contentType": one_of("application/json"),
                        "content": {**TEXT, "contentEncoding": "base64", "description": "The pact"},
                        "onConflict?": or_null(one_of("overwrite", "merge")),
                    }
                )
            ),
        }
    ),
    "NewPact": {
        "type": ["object", "array"],
        "description": "A pact; the names in it, if it has any, are those of the path",
    },
    "PactsQuery": an_object(
        {
            "providerVersionBranch?": or_null(TEXT),
            "providerVersionTags?": or_null(many(FILLED)),
            "includePendingStatus?": or_null(BOOLEAN),
            "includeWipPactsSince?": {
                **or_null(TEXT),
                "description": "A date, or a moment: 2026-01-31, 2026-01-31T10:00:00Z",
            },
            "consumerVersionSelectors?": or_null(many("ConsumerVersionSelector")),
        }
    ),
    "ConsumerVersionSelector": an_object(
        {
            "consumer?": or_null(LINE),
            "mainBranch?": or_null(BOOLEAN),
            "branch?": {"anyOf": [or_null(LINE), {"const": True}]},
            "matchingBranch?": or_null(BOOLEAN),
            "fallbackBranch?": or_null(LINE),
            "tag?": or_null(LINE),
            "fallbackTag?": or_null(LINE),
            "latest?": or_null(BOOLEAN),
            "deployed?": or_null(BOOLEAN),
            "released?": or_null(BOOLEAN),
            "deployedOrReleased?": or_null(BOOLEAN),
            "environment?": or_null(LINE),
        },
        description="Not every combination makes sense; one that does not is refused with the reason.",
    ),
    "NewVerificationResult": an_object(
        {
            "success": BOOLEAN,
            "providerApplicationVersion": LINE,
            "buildUrl?": or_null(_URL),
            "testResults?": ANYTHING,
            "verifiedBy?": ANYTHING,
            "shard?": {
                **or_null(
                    an_object(
                        {
                            "run": LINE,
                            "index": {"type": "integer", "minimum": 1},
                            "count": {"type": "integer", "minimum": 1},
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
            "providerApplicationVersion": LINE,
            "buildUrl?": or_null(_URL),
            "testResults?": ANYTHING,
            "verifiedBy?": ANYTHING,
        }
    ),
    "NewServiceContract": an_object(
        {
            "pacticipantName": LINE,
            "pacticipantVersionNumber": LINE,
            "branch?": or_null(LINE),
            "tags?": or_null(many(FILLED)),
            "buildUrl?": or_null(LINE),
            "specification?": {**or_null(LINE), "description": "Checked against what the content is"},
            "content": {
                "type": ["object", "string"],
                "description": "An OpenAPI 2.0 to 3.1, AsyncAPI 3 or service-contract/1 document",
            },
        }
    ),
    "Ignored": {"description": "The body does not matter"},
}
