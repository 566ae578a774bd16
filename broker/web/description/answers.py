"""The documents that the API answers with (reference §3, §4, §6.3, §7.2, §8.5).

Clients leave aside the properties that they do not know: more may come.
"""

from broker.web.description.notation import (
    ANYTHING,
    BOOLEAN,
    MOMENT,
    OBJECT,
    TEXT,
    WHOLE,
    Property,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
    schema,
)

_STAMPS: dict[str, Property] = {"createdAt": MOMENT, "updatedAt?": MOMENT}
_NAMED: dict[str, Property] = {"name": TEXT, "_links": "Links"}
_RESULT: dict[str, Property] = {
    "providerName": TEXT,
    "providerApplicationVersion": TEXT,
    "success": BOOLEAN,
    "verificationDate": MOMENT,
    "buildUrl?": TEXT,
    "testResults?": ANYTHING,
    "verifiedBy?": ANYTHING,
    "_links": "Links",
}


def _collection(rel: str, items: Property) -> Schema:
    return an_object({"_embedded": an_object({rel: many(items)}), "page?": "Page", "_links": "Links"})


_FRAGMENTS: dict[str, Schema] = {
    "Link": an_object({"href": TEXT, "title?": TEXT, "name?": TEXT, "templated?": BOOLEAN}),
    "Links": {
        "type": "object",
        "description": "Links by relation (HAL)",
        "additionalProperties": {"anyOf": [schema("Link"), many("Link")]},
    },
    "Page": an_object({"number": WHOLE, "size": WHOLE, "totalElements": WHOLE, "totalPages": WHOLE}),
    "Notice": an_object(
        {"type": one_of("debug", "info", "warning", "prompt", "success", "error", "danger"), "text": TEXT}
    ),
    "Named": an_object(_NAMED),
    "Numbered": an_object({"number": TEXT, "_links": "Links"}),
    "EmbeddedEnvironment": an_object(
        {"uuid": TEXT, "name": TEXT, "displayName": TEXT, "production": BOOLEAN, **_STAMPS, "_links": "Links"}
    ),
    "BranchOfVersion": an_object({"name": TEXT, "latest": BOOLEAN, "_links": "Links"}),
    "Subjects": an_object(
        {"pacticipant?": "Named", "version?": "Numbered", "environment?": "EmbeddedEnvironment"}
    ),
}

_ERRORS: dict[str, Schema] = {
    "Error": {
        "description": "One sentence, sentences by field, or a list of sentences",
        "anyOf": [
            an_object({"error": {"anyOf": [TEXT, an_object({"message": TEXT, "reference": TEXT})]}}),
            an_object({"errors": {"type": "object", "additionalProperties": many(TEXT)}}),
            an_object({"errors": many(TEXT)}),
        ],
    },
    "Conflict": an_object(
        {
            "notices?": many("Notice"),
            "errors?": {"type": "object", "additionalProperties": many(TEXT)},
            "error?": TEXT,
        }
    ),
    "Problem": an_object(
        {
            "title": TEXT,
            "type": TEXT,
            "status": WHOLE,
            "detail?": TEXT,
            "instance?": TEXT,
            "errors?": many(
                an_object(
                    {"type": TEXT, "title": TEXT, "detail": TEXT, "pointer?": TEXT, "parameter?": TEXT}
                ),
            ),
        },
        description="For clients whose Accept names application/problem+json",
    ),
}

_RESOURCES: dict[str, Schema] = {
    "Index": an_object({"_links": "Links"}),
    "Heartbeat": an_object({"ok": BOOLEAN, "_links": "Links"}),
    "Dependencies": an_object(
        {
            "database": an_object({"ok": BOOLEAN, "error?": an_object({"message": TEXT})}),
            "_links": "Links",
        }
    ),
    "Pacticipant": an_object(
        {
            "name": TEXT,
            "displayName?": TEXT,
            "repositoryUrl?": TEXT,
            "repositoryName?": TEXT,
            "repositoryNamespace?": TEXT,
            "mainBranch?": TEXT,
            **_STAMPS,
            "_embedded?": an_object({"latestVersion?": "Numbered", "labels?": many("Named")}),
            "_links": "Links",
        }
    ),
    "Pacticipants": _collection("pacticipants", "Pacticipant"),
    "Label": an_object({**_NAMED, "createdAt": MOMENT}),
    "Labels": _collection("labels", an_object({"name": TEXT})),
    "Version": an_object(
        {
            "number": TEXT,
            "buildUrl?": TEXT,
            **_STAMPS,
            "_embedded": an_object(
                {
                    "branches": many("BranchOfVersion"),
                    "branchVersions": many("BranchOfVersion"),
                    "tags": many("Named"),
                }
            ),
            "_links": "Links",
        }
    ),
    "Versions": _collection("versions", "Version"),
    "Branch": an_object({**_NAMED, **_STAMPS}),
    "Branches": _collection("branches", "Branch"),
    "BranchVersion": an_object({**_STAMPS, "_links": "Links"}),
    "Tag": an_object({**_NAMED, "createdAt": MOMENT}),
    "Notices": an_object({"notices": many("Notice")}),
    "Environment": an_object(
        {
            "uuid": TEXT,
            "name": TEXT,
            "displayName": TEXT,
            "production": BOOLEAN,
            "contacts?": many(an_object({"name": TEXT, "details?": OBJECT})),
            **_STAMPS,
            "_links": "Links",
        }
    ),
    "Environments": _collection("environments", "Environment"),
    "DeployedVersion": an_object(
        {
            "uuid": TEXT,
            "currentlyDeployed": BOOLEAN,
            "applicationInstance?": TEXT,
            "target?": TEXT,
            "undeployedAt?": MOMENT,
            **_STAMPS,
            "_embedded?": "Subjects",
            "_links": "Links",
        }
    ),
    "DeployedVersions": _collection("deployedVersions", "DeployedVersion"),
    "ReleasedVersion": an_object(
        {
            "uuid": TEXT,
            "currentlySupported": BOOLEAN,
            "supportEndedAt?": MOMENT,
            **_STAMPS,
            "_embedded?": "Subjects",
            "_links": "Links",
        }
    ),
    "ReleasedVersions": _collection("releasedVersions", "ReleasedVersion"),
    "Integrations": _collection(
        "integrations",
        an_object(
            {"consumer": an_object({"name": TEXT}), "provider": an_object({"name": TEXT}), "_links": "Links"}
        ),
    ),
    "Metrics": {
        "description": "Counts by what is counted, when they were counted, and _links",
        "type": "object",
        "properties": {"tally:countedAt": MOMENT},
        "additionalProperties": OBJECT,
    },
    "DashboardVersion": an_object(
        {"number": TEXT, "branch": or_null(TEXT), "headBranchNames": many(TEXT), "_links": "Links"}
    ),
    "DashboardTag": an_object({**_NAMED, "latest": BOOLEAN}),
    "Dashboard": an_object(
        {
            "items": many(
                an_object(
                    {
                        "consumer": an_object({**_NAMED, "version": "DashboardVersion"}),
                        "provider": an_object(
                            {
                                **_NAMED,
                                "version": {"anyOf": [schema("DashboardVersion"), {"type": "null"}]},
                            }
                        ),
                        "pact": an_object({"createdAt": MOMENT, "_links": "Links"}),
                        "pactTags": many("DashboardTag"),
                        "latestVerificationResult": or_null(
                            an_object({"success": BOOLEAN, "verifiedAt": MOMENT, "_links": "Links"})
                        ),
                        "latestVerificationResultTags": many("DashboardTag"),
                        "verificationStatus": one_of("never", "success", "stale", "failed", "failed_pending"),
                        "_links": "Links",
                    }
                )
            )
        }
    ),
}

_CONTRACTS: dict[str, Schema] = {
    "Pact": {
        "description": "The pact as it was published, with identifiers, createdAt and _links",
        "anyOf": [an_object({"createdAt": MOMENT, "_links": "Links"}), many(ANYTHING)],
    },
    "Extended": {
        "description": "The document with the tags of its version; a pact is its property `contract`",
        **an_object({"_embedded": an_object({"tags": many("DashboardTag")}), "_links": "Links"}),
    },
    "DeletedPact": an_object({"_links": "Links"}),
    "PublishedContracts": an_object(
        {
            "notices": many("Notice"),
            "logs": many(an_object({"level": TEXT, "message": TEXT})),
            "_embedded": an_object({"pacticipant": "Named", "version": "Numbered"}),
            "_links": "Links",
        }
    ),
    "PactsOfPair": _collection(
        "pacts",
        an_object(
            {
                "createdAt": MOMENT,
                "_embedded": an_object({"consumerVersion": "Numbered"}),
                "_links": "Links",
            }
        ),
    ),
    "LatestPacts": an_object(
        {
            "pacts": many(
                an_object(
                    {
                        "createdAt": MOMENT,
                        "_embedded": an_object({"consumer": "Named", "provider": "Named"}),
                        "_links": "Links",
                    }
                )
            ),
            "_links": "Links",
        }
    ),
    "PactsOfProvider": an_object({"_links": "Links"}),
    "PactsToVerify": _collection(
        "pacts",
        an_object(
            {
                "shortDescription": TEXT,
                "verificationProperties": an_object(
                    {
                        "pending?": BOOLEAN,
                        "wip?": BOOLEAN,
                        "notices": many(an_object({"when": TEXT, "text": TEXT})),
                    }
                ),
                "_links": "Links",
            }
        ),
    ),
    "VerificationResult": an_object(_RESULT),
    "WaitingForParts": an_object({"tally:parts": an_object({"received": WHOLE, "count": WHOLE})}),
    "VerificationResults": an_object(
        {
            "success": BOOLEAN,
            "providerSummary": an_object({"successful": many(TEXT), "failed": many(TEXT)}),
            "_embedded": an_object({"verificationResults": many("VerificationResult")}),
            "_links": "Links",
        }
    ),
    "ProviderStates": an_object(
        {
            "providerStates": many(an_object({"name": TEXT, "params?": OBJECT, "consumers": many(TEXT)})),
            "_links": "Links",
        }
    ),
    "Operation": an_object(
        {
            "id": TEXT,
            "kind": TEXT,
            "method": or_null(TEXT),
            "path": or_null(TEXT),
            "examples": ANYTHING,
        }
    ),
    "ServiceContract": an_object(
        {
            "pacticipantName": TEXT,
            "pacticipantVersionNumber?": TEXT,
            "sha": TEXT,
            "specification": TEXT,
            "operations": many("Operation"),
            "content": OBJECT,
            "createdAt": MOMENT,
            "_links": "Links",
        }
    ),
    "PublishedServiceContract": an_object(
        {
            "notices": many("Notice"),
            "sha": TEXT,
            "_embedded": an_object({"pacticipant": "Named", "version": "Numbered"}),
            "_links": "Links",
        }
    ),
}

_DECISIONS: dict[str, Schema] = {
    "MatrixParticipant": an_object(
        {
            "name": TEXT,
            "version": or_null(
                an_object(
                    {
                        "number": TEXT,
                        "branch": or_null(TEXT),
                        "branches": many("BranchOfVersion"),
                        "branchVersions": many("BranchOfVersion"),
                        "environments": many("EmbeddedEnvironment"),
                        "tags": many(an_object({**_NAMED, "latest": BOOLEAN})),
                        "_links": "Links",
                    }
                )
            ),
            "_links": "Links",
        }
    ),
    "MatrixRow": an_object(
        {
            "consumer": "MatrixParticipant",
            "provider": "MatrixParticipant",
            "pact": an_object({"createdAt": MOMENT, "_links": "Links"}),
            "verificationResult": or_null(
                an_object({"success": BOOLEAN, "verifiedAt": MOMENT, "_links": "Links"})
            ),
            "ignored?": BOOLEAN,
        }
    ),
    "Matrix": an_object(
        {
            "summary": an_object(
                {
                    "deployable": or_null(BOOLEAN),
                    "reason": TEXT,
                    "success": WHOLE,
                    "failed": WHOLE,
                    "unknown": WHOLE,
                    "ignored?": WHOLE,
                }
            ),
            "notices": many("Notice"),
            "matrix": many("MatrixRow"),
            "tally:explanation?": many(OBJECT),
            "tally:asOf?": MOMENT,
        }
    ),
    "Release": an_object({"pacticipant": TEXT, "version": TEXT}),
    "DeployPlan": an_object(
        {
            "tally:asOf?": MOMENT,
            "summary": an_object({"possible": BOOLEAN}),
            "steps": many("Release"),
            "blocked": many(
                an_object(
                    {
                        "pacticipant": TEXT,
                        "version": TEXT,
                        "because": many(
                            an_object(
                                {
                                    "consumer": an_object({"name": TEXT, "version": TEXT}),
                                    "provider": an_object({"name": TEXT, "version": or_null(TEXT)}),
                                    "result": one_of("failed", "missing"),
                                }
                            )
                        ),
                    }
                )
            ),
        }
    ),
}

SCHEMAS: dict[str, Schema] = _FRAGMENTS | _ERRORS | _RESOURCES | _CONTRACTS | _DECISIONS
