"""What the API takes and answers about quality gates."""

from broker.domain import limits
from broker.domain.insights.gates import FEWEST_DAYS, MOST_DAYS, RULES, GateState, Metric
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
from broker.web.description.requests import NAME

_NUMBER: Schema = {"type": "number"}
_METRIC = one_of(*(metric.value for metric in Metric))
_STATE = one_of(*(state.value for state in GateState))
_DESCRIBED = "; ".join(
    f"{metric.value}: {'at least' if rule.at_least else 'at most'} so many {rule.unit}"
    for metric, rule in RULES.items()
)
_HIGHEST = max(rule.highest for rule in RULES.values())
_JUDGED: dict[str, Property] = {
    "state": _STATE,
    "value": or_null(_NUMBER),
    "reason": TEXT,
}

SCHEMAS: dict[str, Schema] = {
    "NewGate": an_object(
        {
            "metric": _METRIC,
            "threshold": {**_NUMBER, "minimum": 0, "maximum": _HIGHEST, "description": _DESCRIBED},
            "days?": or_null({"type": "integer", "minimum": FEWEST_DAYS, "maximum": MOST_DAYS}),
            "pacticipantName?": or_null(NAME),
            "team?": or_null(NAME),
        }
    ),
    "Gate": an_object(
        {
            "uuid": TEXT,
            "title": TEXT,
            "metric": _METRIC,
            "threshold": _NUMBER,
            "days?": WHOLE,
            "pacticipantName?": TEXT,
            "team?": TEXT,
            "services": an_object({state.value: WHOLE for state in GateState}),
            "createdAt": MOMENT,
            "updatedAt?": MOMENT,
            "_embedded?": an_object(
                {
                    "states": many(
                        an_object({"pacticipantName": TEXT, **_JUDGED, "since": MOMENT, "_links": "Links"})
                    )
                }
            ),
            "_links": "Links",
        }
    ),
    "Gates": an_object(
        {"_embedded": an_object({"gates": many("Gate", maxItems=limits.GATES)}), "_links": "Links"}
    ),
    "GateStatus": an_object(
        {
            "pacticipantName": TEXT,
            "passed": {**or_null(BOOLEAN), "description": "null when no gate is for the service"},
            "reason": TEXT,
            "uncounted": WHOLE,
            "_embedded": an_object(
                {
                    "gates": many(
                        an_object(
                            {
                                "uuid": TEXT,
                                "title": TEXT,
                                "scope": TEXT,
                                "metric": _METRIC,
                                "threshold": _NUMBER,
                                **_JUDGED,
                                "shown": TEXT,
                                "since": or_null(MOMENT),
                                "_links": "Links",
                            }
                        )
                    )
                }
            ),
            "_links": "Links",
        }
    ),
}
