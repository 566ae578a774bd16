"""The documents about applications, versions, environments, and the broker itself (reference §3, §4)."""

from broker.web.description.fragments import NAMED, STAMPS, collection
from broker.web.description.notation import (
    BOOLEAN,
    MOMENT,
    OBJECT,
    TEXT,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
    schema,
)

_CHECK = an_object({"ok": BOOLEAN, "message?": TEXT})
SCHEMAS: dict[str, Schema] = {
    "Index": an_object({"_links": "Links"}),
    "Heartbeat": an_object({"ok": BOOLEAN, "_links": "Links"}),
    "Readiness": an_object(
        {
            "ok": BOOLEAN,
            "checks?": an_object(
                {
                    "database": _CHECK,
                    "schema": an_object({"ok": or_null(BOOLEAN), "message?": TEXT}),
                    "serving": _CHECK,
                }
            ),
            "_links": "Links",
        }
    ),
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
            **STAMPS,
            "_embedded?": an_object({"latestVersion?": "Numbered", "labels?": many("Named")}),
            "_links": "Links",
        }
    ),
    "Pacticipants": collection("pacticipants", "Pacticipant"),
    "Label": an_object({**NAMED, "createdAt": MOMENT}),
    "Labels": collection("labels", an_object({"name": TEXT})),
    "Version": an_object(
        {
            "number": TEXT,
            "buildUrl?": TEXT,
            **STAMPS,
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
    "Versions": collection("versions", "Version"),
    "Branch": an_object({**NAMED, **STAMPS}),
    "Branches": collection("branches", "Branch"),
    "BranchVersion": an_object({**STAMPS, "_links": "Links"}),
    "Tag": an_object({**NAMED, "createdAt": MOMENT}),
    "Notices": an_object({"notices": many("Notice")}),
    "Environment": an_object(
        {
            "uuid": TEXT,
            "name": TEXT,
            "displayName": TEXT,
            "production": BOOLEAN,
            "contacts?": many(an_object({"name": TEXT, "details?": OBJECT})),
            "protected?": BOOLEAN,
            "deployers?": many(TEXT),
            "requiresCanIDeploy?": BOOLEAN,
            **STAMPS,
            "_links": "Links",
        }
    ),
    "Environments": collection("environments", "Environment"),
    "DeployedVersion": an_object(
        {
            "uuid": TEXT,
            "currentlyDeployed": BOOLEAN,
            "applicationInstance?": TEXT,
            "target?": TEXT,
            "undeployedAt?": MOMENT,
            **STAMPS,
            "_embedded?": "Subjects",
            "_links": "Links",
        }
    ),
    "DeployedVersions": collection("deployedVersions", "DeployedVersion"),
    "ReleasedVersion": an_object(
        {
            "uuid": TEXT,
            "currentlySupported": BOOLEAN,
            "supportEndedAt?": MOMENT,
            **STAMPS,
            "_embedded?": "Subjects",
            "_links": "Links",
        }
    ),
    "ReleasedVersions": collection("releasedVersions", "ReleasedVersion"),
    "Integrations": collection(
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
    "DashboardTag": an_object({**NAMED, "latest": BOOLEAN}),
    "Dashboard": an_object(
        {
            "items": many(
                an_object(
                    {
                        "consumer": an_object({**NAMED, "version": "DashboardVersion"}),
                        "provider": an_object(
                            {
                                **NAMED,
                                "version": {"anyOf": [schema("DashboardVersion"), {"type": "null"}]},
                            }
                        ),
                        "pact": an_object({"createdAt": MOMENT, "_links": "Links"}),
                        "pactTags": many("DashboardTag"),
                        "latestVerificationResult": or_null(
                            an_object({"success": BOOLEAN, "verifiedAt": MOMENT, "_links": "Links"})
                        ),
                        "latestVerificationResultTags": many("DashboardTag"),
                        "verificationStatus": one_of("never", "success", "failed", "failed_pending"),
                        "_links": "Links",
                    }
                )
            )
        }
    ),
}
