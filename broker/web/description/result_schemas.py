"""The documents about results of verifications (reference §7.2)."""

from broker.domain.overview.failure_origin import Changed
from broker.web.description.notation import (
    ANYTHING,
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

_PROBLEM = an_object({"place": TEXT, "text": TEXT, "expected": TEXT, "actual": TEXT})
_SINCE = an_object({"version": TEXT, "at": MOMENT, "versions": WHOLE})
_PAST_RESULT = an_object(
    {
        "consumerVersion": or_null(TEXT),
        "providerVersion": TEXT,
        "branch": or_null(TEXT),
        "at": MOMENT,
        "_links": "Links",
    }
)
_ORIGIN = an_object(
    {
        "changed": one_of(*(word.value for word in Changed)),
        "isNew": BOOLEAN,
        "first": or_null(_PAST_RESULT),
        "passed": or_null(_PAST_RESULT),
        "_links?": "Links",
    }
)

SCHEMAS: dict[str, Schema] = {
    "VerificationResult": an_object(_RESULT),
    "Failures": an_object(
        {
            "success": BOOLEAN,
            "consumer": an_object({"name": TEXT, "version": TEXT}),
            "provider": an_object({"name": TEXT, "version": TEXT, "branch": or_null(TEXT)}),
            "verifiedAt": MOMENT,
            "buildUrl": or_null(TEXT),
            "failed": WHOLE,
            "problem": or_null(_PROBLEM),
            "failingSince": or_null(_SINCE),
            "origin": or_null(_ORIGIN),
            "_embedded": an_object(
                {
                    "failures": many(
                        an_object(
                            {
                                "id": TEXT,
                                "description": TEXT,
                                "request": TEXT,
                                "problems": many(_PROBLEM),
                                "failingSince": or_null(_SINCE),
                                "origin": _ORIGIN,
                            }
                        )
                    )
                }
            ),
            "page?": "Page",
            "_links": "Links",
        }
    ),
    "WaitingForParts": an_object({"tally:parts": an_object({"received": WHOLE, "count": WHOLE})}),
    "VerificationResults": an_object(
        {
            "success": BOOLEAN,
            "providerSummary": an_object(
                {"successful": many(TEXT), "failed": many(TEXT), "unknown": many(TEXT)}
            ),
            "_embedded": an_object({"verificationResults": many("VerificationResult")}),
            "_links": "Links",
        }
    ),
}
