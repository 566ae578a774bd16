"""The documents of the matrix and of plans for deployments (reference §8.5)."""

from broker.web.description.fragments import NAMED
from broker.web.description.notation import (
    BOOLEAN,
    MOMENT,
    OBJECT,
    TEXT,
    WHOLE,
    Schema,
    an_object,
    many,
    one_of,
    or_null,
)

SCHEMAS: dict[str, Schema] = {
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
                        "tags": many(an_object({**NAMED, "latest": BOOLEAN})),
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
            "tally:kind?": or_null(one_of("replayed", "compared", "service-contract", "dependency")),
            "tally:evidence?": OBJECT,
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
    "Comparison": an_object(
        {
            "verdict": one_of("compatible", "incompatible", "unknown"),
            "guaranteed": BOOLEAN,
            "comparedAt": MOMENT,
            "reason?": {**TEXT, "description": "Why it is unknown"},
            "interactions": many(OBJECT),
            "findingsLeftOut?": {**WHOLE, "description": "How many findings are not shown"},
            "_links": "Links",
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
                                    "tally:kind?": {
                                        **one_of("service-contract", "dependency"),
                                        "description": "What does not fit, when it is no pact",
                                    },
                                }
                            )
                        ),
                    }
                )
            ),
        }
    ),
}
