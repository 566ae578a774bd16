"""What the API takes and answers about webhooks and secrets (reference §10)."""

from broker.domain import limits
from broker.domain.webhooks.events import Event
from broker.domain.webhooks.secret_use import LONGEST_HOST
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
)
from broker.web.description.requests import FILLED, LINE, LINE_OR_BLANK, NAME, URL

_EVENT = an_object({"name": one_of(*(event.value for event in Event))})
_TRIGGERED: dict[str, Property] = {
    "uuid": TEXT,
    "name": TEXT,
    "status": TEXT,
    "attemptsMade": WHOLE,
    "attemptsRemaining": WHOLE,
    "triggerType": TEXT,
    "eventName": TEXT,
    "triggeredAt": MOMENT,
    "_links": "Links",
}
_SUBJECT: Schema = {
    **or_null(an_object({"name?": or_null(NAME), "label?": or_null(NAME)})),
    "description": "The name of a pacticipant, or a label that it has: {name} or {label}",
}

_WHOLE = "the broker as a whole, which only administrators change"

SCHEMAS: dict[str, Schema] = {
    "NewWebhook": an_object(
        {
            "description?": or_null(LINE_OR_BLANK),
            "enabled?": or_null(BOOLEAN),
            "signingSecret?": or_null(NAME),
            "team?": {**or_null(NAME), "description": f"Name of its team; null: {_WHOLE}"},
            "consumer?": _SUBJECT,
            "provider?": _SUBJECT,
            "events?": or_null(many(_EVENT, minItems=1, maxItems=limits.EVENTS)),
            "request": an_object(
                {
                    "method?": or_null(LINE),
                    "url": URL,
                    "headers?": or_null(
                        {
                            "type": "object",
                            "maxProperties": limits.HEADERS,
                            "additionalProperties": {**TEXT, "maxLength": limits.SECRET},
                        }
                    ),
                    "body?": {"description": f"Any JSON or text, at most {limits.TEMPLATE} bytes as JSON"},
                    "username?": or_null(LINE_OR_BLANK),
                    "password?": or_null({**LINE_OR_BLANK, "maxLength": limits.SECRET}),
                }
            ),
        }
    ),
    "NewSecret": an_object(
        {
            "value": {**FILLED, "maxLength": limits.SECRET},
            "description?": or_null(LINE_OR_BLANK),
            "team?": {
                **or_null(NAME),
                "description": f"Name of the team whose webhooks may use it; null: those of {_WHOLE}",
            },
            "hosts?": {
                **or_null(many({**NAME, "maxLength": LONGEST_HOST}, maxItems=limits.HOSTS)),
                "description": "Where it may be sent: hooks.example.org, *.example.org",
            },
        }
    ),
    "Webhook": an_object(
        {
            "uuid": TEXT,
            "description": TEXT,
            "consumer?": OBJECT,
            "provider?": OBJECT,
            "enabled": BOOLEAN,
            "request": an_object({"method": TEXT, "url": TEXT}),
            "events": many(_EVENT),
            "signingSecret?": TEXT,
            "team?": TEXT,
            "notices?": many("Notice"),
            "createdAt": MOMENT,
            "updatedAt?": MOMENT,
            "_links": "Links",
        }
    ),
    "Webhooks": an_object({"_links": "Links"}),
    "ExecutedWebhook": an_object(
        {
            "request?": an_object({"method": TEXT, "url": TEXT, "headers": OBJECT, "body": ANYTHING}),
            "response?": an_object({"status": WHOLE, "headers": OBJECT, "body": ANYTHING}),
            "error?": an_object({"message": TEXT}),
            "message?": TEXT,
            "logs": TEXT,
            "success": BOOLEAN,
            "_links": "Links",
        }
    ),
    "TriggeredWebhook": an_object(_TRIGGERED),
    "TriggeredWebhooks": an_object(
        {
            "summary?": OBJECT,
            "_embedded": an_object({"triggeredWebhooks": many("TriggeredWebhook")}),
            "_links": "Links",
        }
    ),
    "WebhookLogs": an_object(
        {
            "eventName": TEXT,
            "consumerName?": TEXT,
            "providerName?": TEXT,
            "executions": many(an_object({"success": BOOLEAN, "logs": TEXT, "createdAt": MOMENT})),
            "_links": "Links",
        }
    ),
    "Secret": an_object(
        {
            "name": TEXT,
            "description?": TEXT,
            "team?": TEXT,
            "hosts?": many(TEXT),
            "createdAt": MOMENT,
            "updatedAt?": MOMENT,
            "_links": "Links",
        }
    ),
    "Secrets": an_object({"_embedded": an_object({"secrets": many("Secret")}), "_links": "Links"}),
}
