"""The documents about pacts, service contracts and results (reference §4, §6.3, §7.2)."""

from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.service_contracts.compatibility import CompatibilityVerdict
from broker.domain.service_contracts.policy import MODES, Evidence, OnIncompatible
from broker.web.description.fragments import collection
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
    schema,
)

_ABOUT_USAGE: dict[str, Property] = {
    "pacticipantName": TEXT,
    "version": TEXT,
    "environment?": TEXT,
    "consumers": many(TEXT),
    "_links": "Links",
}
_COMPARISON: dict[str, Property] = {
    "verdict": one_of(*(word.value for word in ComparisonVerdict)),
    "consumerName": TEXT,
    "consumerVersionNumber?": TEXT,
    "providerName": TEXT,
    "providerVersionNumber?": TEXT,
    "comparedAt": MOMENT,
    "_links": "Links",
}
_RULES: dict[str, Property] = {"mode": one_of(*MODES), "lenient": BOOLEAN}

_EARLIER = an_object({"number": TEXT, "environment?": TEXT})

SCHEMAS: dict[str, Schema] = {
    "JsonSchema": {"type": "object", "description": "A JSON Schema (2020-12)"},
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
    "PactsOfPair": collection(
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
    "PactsToVerify": collection(
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
    "ProviderStates": an_object(
        {
            "providerStates": many(an_object({"name": TEXT, "params?": OBJECT, "consumers": many(TEXT)})),
            "_links": "Links",
        }
    ),
    "Usage": an_object(
        {
            **_ABOUT_USAGE,
            "places": many(
                an_object(
                    {
                        "place": TEXT,
                        "users": many(
                            an_object(
                                {
                                    "consumer": TEXT,
                                    "certain": BOOLEAN,
                                    "since?": MOMENT,
                                    "versions": many(an_object({"number": TEXT, "environments": many(TEXT)})),
                                    "interactions": many(an_object({"description": TEXT, "doubt?": TEXT})),
                                    "_links": "Links",
                                }
                            )
                        ),
                    }
                )
            ),
        }
    ),
    "UnusedPlaces": an_object({**_ABOUT_USAGE, "places": many(TEXT)}),
    "Operation": an_object(
        {
            "id": TEXT,
            "kind": TEXT,
            "method?": TEXT,
            "path?": TEXT,
            "channel?": TEXT,
            "direction?": TEXT,
            "examples": WHOLE,
        }
    ),
    "ServiceContract": an_object(
        {
            "pacticipantName": TEXT,
            "pacticipantVersionNumber?": TEXT,
            "name?": TEXT,
            "sha": TEXT,
            "specification": TEXT,
            "operations": many("Operation"),
            "content": OBJECT,
            "createdAt": MOMENT,
            "_links": "Links",
        }
    ),
    "ServiceContractDocuments": an_object(
        {
            "pacticipantName": TEXT,
            "pacticipantVersionNumber": TEXT,
            "sha": TEXT,
            "createdAt": MOMENT,
            "_embedded": an_object(
                {
                    "documents": many(
                        an_object(
                            {
                                "name": TEXT,
                                "sha": TEXT,
                                "specification": TEXT,
                                "operationsCount": WHOLE,
                                "_links": "Links",
                            }
                        )
                    )
                }
            ),
            "_links": "Links",
        }
    ),
    "ServiceContractOrDocuments": {"anyOf": [schema("ServiceContract"), schema("ServiceContractDocuments")]},
    "ScenarioResult": an_object(
        {
            "title": TEXT,
            "success": BOOLEAN,
            "durationMs": WHOLE,
            "buildUrl?": TEXT,
            "createdAt": MOMENT,
            "testResults?": {"description": "What came of each workflow; left out in lists"},
            "_links": "Links",
        }
    ),
    "ScenarioResults": an_object(
        {
            "_embedded": an_object({"scenarioResults": many("ScenarioResult")}),
            "page?": "Page",
            "_links": "Links",
        }
    ),
    "Compatibility": an_object(
        {
            "verdict": one_of(*(word.value for word in CompatibilityVerdict)),
            **_RULES,
            "changes": many(OBJECT),
            "reasons?": many(TEXT),
            "comparedAt": MOMENT,
            "_links": "Links",
        }
    ),
    "Compatibilities": collection(
        "compatibilities",
        an_object(
            {
                "document": TEXT,
                "verdict": one_of(*(word.value for word in CompatibilityVerdict)),
                **_RULES,
                "versions": many(_EARLIER),
                "comparedAt": MOMENT,
                "_links": "Links",
            }
        ),
    ),
    "Comparisons": {
        "description": "With `underWay` where more are being made",
        **collection("comparisons", an_object(_COMPARISON)),
    },
    "ServiceContractPolicy": an_object(
        {
            **_RULES,
            "incompatible": one_of(*(word.value for word in OnIncompatible)),
            "evidence": one_of(*(word.value for word in Evidence)),
            "guaranteed": BOOLEAN,
            "documents": many(an_object({"name": TEXT, **_RULES})),
            "updatedAt?": MOMENT,
            "_links": "Links",
        }
    ),
    "PublishedProviderContract": {
        "description": "A PublishedServiceContract, with what PactFlow's clients read",
        **an_object(
            {
                "notices": many("Notice"),
                "contracts": many(TEXT),
                "_embedded": an_object({"pacticipant": "Named", "version": "Numbered"}),
                "_links": "Links",
            }
        ),
    },
    "PublishedServiceContract": an_object(
        {
            "notices": many("Notice"),
            "sha?": {**TEXT, "description": "Of the document, if only one was published"},
            "documents": many(
                an_object(
                    {"name": TEXT, "sha": TEXT, "specification": TEXT, "new": BOOLEAN, "_links": "Links"}
                )
            ),
            "compatibility": many(
                an_object(
                    {
                        "document": TEXT,
                        "verdict": one_of(*(word.value for word in CompatibilityVerdict)),
                        "mode": one_of(*MODES),
                        "versions": many(_EARLIER),
                        "changes": many(OBJECT),
                        "_links": "Links",
                    }
                )
            ),
            "lacking": {
                **many(an_object({"document": TEXT, "versions": many(_EARLIER)})),
                "description": "Documents that earlier versions have, and this one has not",
            },
            "comparisonsUnderWay": WHOLE,
            "_embedded": an_object({"pacticipant": "Named", "version": "Numbered"}),
            "_links": "Links",
        }
    ),
}
